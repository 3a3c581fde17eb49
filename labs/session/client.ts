import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Method, Requests, Response, SessionEvent } from './protocol.ts';

/** The session refused or failed a request; `message` is meant for a user. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** `gone`: nobody answers at the socket, or the session ended before it answered. */
export type SessionErrorCode = Extract<Response, { error: unknown }>['error']['code'] | 'gone';

const GONE = 'The lab is not running any more.';

/**
 * Talks to a running lab's session.
 * @param signal aborts every request that has no signal of its own
 * @throws SessionError `gone` where nobody answers at the socket
 */
export async function connectSession(path: string, signal?: AbortSignal): Promise<SessionClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', () => reject(new SessionError('gone', GONE)));
  });
  return new SessionClient(socket, signal);
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One connection to a session: many requests at a time, and the session's events after `subscribe`. */
export class SessionClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #eventListeners = new Set<(event: SessionEvent) => void>();
  readonly #closeListeners = new Set<() => void>();
  readonly #signal: AbortSignal | undefined;
  #lastId = 0;
  #closed = false;

  /** Use `connectSession`. */
  constructor(socket: Socket, signal?: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.setEncoding('utf8');
    // After an error the close event follows, and tells. (From Node 22 on, the reader passes errors on as its own.)
    const ignore = (): void => undefined;
    createInterface({ input: socket, crlfDelay: Infinity })
      .on('line', (line) => this.#take(line))
      .on('error', ignore);
    socket.on('error', ignore);
    socket.once('close', () => this.#end());
  }

  /**
   * An aborted request rejects at once; the session may still do what was asked.
   * @throws SessionError
   */
  request<M extends Method>(
    method: M,
    params: Requests[M]['params'],
    signal = this.#signal,
  ): Promise<Requests[M]['result']> {
    const id = ++this.#lastId;
    return new Promise<Requests[M]['result']>((resolve, reject) => {
      if (this.#closed) {
        reject(new SessionError('gone', GONE));
        return;
      }
      signal?.throwIfAborted();
      const abort = (): void => {
        this.#waiting.delete(id);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const settled = (): void => signal?.removeEventListener('abort', abort);
      this.#waiting.set(id, {
        resolve: (result) => {
          settled();
          // The session is of the same version as we: its protocol is the type.
          resolve(result as Requests[M]['result']);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  onEvent(listener: (event: SessionEvent) => void): void {
    this.#eventListeners.add(listener);
  }

  /** Called once, when the session is gone or we hung up. */
  onClose(listener: () => void): void {
    this.#closeListeners.add(listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    let message: Response | SessionEvent;
    try {
      message = JSON.parse(line) as Response | SessionEvent;
    } catch {
      this.close();
      return;
    }
    if ('event' in message) {
      for (const listener of this.#eventListeners) listener(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(new SessionError(message.error.code, message.error.message));
    else waiting?.resolve(message.result);
  }

  #end(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(new SessionError('gone', GONE));
    this.#waiting.clear();
    for (const listener of this.#closeListeners) listener();
  }
}
