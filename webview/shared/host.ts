interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The extension, as a view sees it. `In` comes from it, `Out` goes to it; `State` outlives the view being hidden. */
export interface Host<In, Out, State extends object> {
  readonly post: (message: Out) => void;
  /** Calls `receive` for each message of a known type, and says `ready`. */
  readonly listen: (receive: (message: In) => void) => void;
  readonly state: () => Partial<State>;
  readonly keep: (change: Partial<State>) => void;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The one connection of a page to the extension (VS Code allows `acquireVsCodeApi` once). Of a message only its type is
 * checked: it comes from our own extension, and a type that is not in `types` is of a newer one.
 */
export function connectHost<In extends { readonly type: string }, Out, State extends object>(
  types: Readonly<Record<In['type'], true>>,
  ready: Out,
): Host<In, Out, State> {
  const api = acquireVsCodeApi();
  const isKnown = (value: unknown): value is In =>
    isObject(value) && typeof value['type'] === 'string' && Object.hasOwn(types, value['type']);
  const state = (): Partial<State> => {
    const kept = api.getState();
    return isObject(kept) ? (kept as Partial<State>) : {};
  };
  return {
    post: (message) => {
      api.postMessage(message);
    },
    listen: (receive) => {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (isKnown(event.data)) receive(event.data);
      });
      api.postMessage(ready);
    },
    state,
    keep: (change) => {
      api.setState({ ...state(), ...change });
    },
  };
}
