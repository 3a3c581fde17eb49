import { isObject, numberField, stringField } from '../host/external-json.ts';
import type { Machine, Place } from '../host/machine.ts';
import { runTalk } from './run-talk.ts';
import type { Talk } from './talk.ts';

/** What a socket experienced in the namespace. */
export type SocketReport =
  | { readonly event: 'connected'; readonly milliseconds: number }
  /** The far end closed at once, without a word. */
  | { readonly event: 'closed-early'; readonly milliseconds: number }
  | { readonly event: 'datagram'; readonly milliseconds: number; readonly data: Uint8Array }
  | { readonly event: 'error'; readonly milliseconds: number; readonly code: string }
  /** `elsewhere`: an answer came, from this address, which was not asked. */
  | { readonly event: 'silence'; readonly elsewhere?: string }
  | { readonly event: 'not-run'; readonly reason: string };

export interface SocketQuestion {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly timeoutMilliseconds: number;
  /** What a UDP socket sends. */
  readonly payload?: Uint8Array;
  /** The interface that the socket is bound to; absent: none. */
  readonly device?: string;
}

interface Asked {
  readonly address: string;
  readonly port: number;
  readonly timeout: number;
  /** How long, in milliseconds, a proxy may take to find that nothing is behind it and to close the connection it accepted. */
  readonly settle: number;
  /** In base64. */
  readonly payload: string;
  readonly device?: string;
}

const SETTLE_MILLISECONDS = 60;

const talkTcp: Talk<Asked> = async (surroundings, { address, port, timeout, settle, device }, say) => {
  const start = process.hrtime.bigint();
  const since = (): number => Number(process.hrtime.bigint() - start) / 1e6;
  const failed = (error: unknown): void =>
    say({ event: 'error', milliseconds: since(), code: (error as { code?: string }).code ?? '' });
  surroundings.after(timeout, () => say({ event: 'silence' }));
  let connected: number | null = null;
  const settled = (event: string): void => say({ event, milliseconds: connected });
  try {
    const socket = await surroundings.stream(address, device);
    socket.on('connect', () => {
      connected = since();
      surroundings.after(settle, () => settled('connected'));
    });
    socket.on('data', () => settled('connected'));
    socket.on('end', () => settled('closed-early'));
    socket.on('error', (error) => (connected === null ? failed(error) : settled('closed-early')));
    socket.connect({ host: address, port });
  } catch (error) {
    failed(error);
  }
};

const talkUdp: Talk<Asked> = async (surroundings, asked, say) => {
  const { address, port, timeout, settle, payload, device } = asked;
  const start = process.hrtime.bigint();
  const since = (): number => Number(process.hrtime.bigint() - start) / 1e6;
  const failed = (error: unknown): void =>
    say({ event: 'error', milliseconds: since(), code: (error as { code?: string }).code ?? '' });
  surroundings.after(timeout, () => say({ event: 'silence' }));
  try {
    // A connected socket hears only the address that it asked; one on the same port hears the others.
    const others = await surroundings.datagrams(address, 0, true, device);
    const socket = await surroundings.datagrams(address, others.address().port, true, device);
    others.on('error', failed);
    others.on('message', (_data, from) =>
      surroundings.after(settle, () => say({ event: 'silence', elsewhere: from.address })),
    );
    socket.on('error', failed);
    socket.on('message', (data) =>
      say({ event: 'datagram', milliseconds: since(), data: data.toString('base64') }),
    );
    // Node's types leave out that the callback is given the error.
    socket.connect(port, address, ((error?: Error) => {
      if (error) return failed(error);
      socket.send(Buffer.from(payload, 'base64'), (problem) => {
        if (problem) failed(problem);
      });
    }) as () => void);
  } catch (error) {
    failed(error);
  }
};

/** Opens a real socket in a namespace and reports what became of it. */
export async function askSocket(
  machine: Machine,
  place: Place,
  { protocol, address, port, timeoutMilliseconds, payload, device }: SocketQuestion,
  signal?: AbortSignal,
): Promise<SocketReport> {
  const asked: Asked = {
    address,
    port,
    timeout: timeoutMilliseconds,
    settle: SETTLE_MILLISECONDS,
    payload: Buffer.from(payload ?? new Uint8Array()).toString('base64'),
    ...(device === undefined ? {} : { device }),
  };
  const talk = protocol === 'tcp' ? talkTcp : talkUdp;
  const said = await runTalk(machine, place, talk, asked, {
    timeoutMilliseconds,
    signal,
    binds: device !== undefined,
  });
  return 'notRun' in said ? { event: 'not-run', reason: said.notRun } : parseReport(said.report);
}

function parseReport(report: unknown): SocketReport {
  if (!isObject(report))
    return { event: 'not-run', reason: 'The probe said nothing that could be understood.' };
  const milliseconds = numberField(report, 'milliseconds') ?? 0;
  switch (stringField(report, 'event')) {
    case 'connected':
      return { event: 'connected', milliseconds };
    case 'closed-early':
      return { event: 'closed-early', milliseconds };
    case 'datagram':
      return {
        event: 'datagram',
        milliseconds,
        data: Buffer.from(stringField(report, 'data') ?? '', 'base64'),
      };
    case 'error':
      return { event: 'error', milliseconds, code: stringField(report, 'code') ?? '' };
    default: {
      const elsewhere = stringField(report, 'elsewhere');
      return { event: 'silence', ...(elsewhere === undefined ? {} : { elsewhere }) };
    }
  }
}
