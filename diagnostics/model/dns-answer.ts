/** What a server was asked, for both families unless an option says otherwise, and what it said. */
export interface NameAnswer {
  readonly server: string;
  /** Without a final dot. */
  readonly name: string;
  /** `NOERROR` (with addresses, or none of the asked types), `NXDOMAIN`, `SERVFAIL` …; null: no answer. */
  readonly code: string | null;
  /** IPv4 first, each in the server's order. */
  readonly addresses: readonly string[];
  readonly transport: 'udp' | 'tcp';
  /** How long the answer took; of several servers asked at once the quickest is believed. */
  readonly milliseconds: number | null;
  /** Its machine said that nothing listens there. */
  readonly refused?: boolean;
  /** Nobody could ask it: what it would say is not known. */
  readonly unasked?: boolean;
  /** Why there is no answer, one line; else empty. */
  readonly detail: string;
}

/** An answer that nobody gave; `transport`: what it was waited for by in the end. */
export const unansweredName = (
  { server, name }: { readonly server: string; readonly name: string },
  detail: string,
  transport: NameAnswer['transport'] = 'udp',
): NameAnswer => ({ server, name, code: null, addresses: [], transport, milliseconds: null, detail });

/** What servers were heard to say, by `answerKey`. */
export type NameAnswers = ReadonlyMap<string, NameAnswer>;

/** An engine's own server answers by what the engine knows: its answer holds as long as that does. */
export const answerKey = (
  namespace: string,
  server: string,
  name: string,
  expected: readonly string[] = [],
): string => [namespace, server, name.toLowerCase(), ...expected].join(' ');

/** `10.0.0.53: NXDOMAIN`, for a person. */
export const answerText = ({ server, code, addresses, detail }: NameAnswer): string => {
  if (code === null) return `${server}: ${detail}`;
  return `${server}: ${code === 'NOERROR' && addresses.length === 0 ? 'no address' : code}`;
};
