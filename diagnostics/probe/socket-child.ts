import type { Machine, Output, Place } from '../host/machine.ts';
import { isObject, numberField, parseJson, stringField } from '../collect/external-json.ts';

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
}

/** So long a proxy may take to find that nothing is behind it, and close the connection it accepted. */
const SETTLE_MILLISECONDS = 60;

/**
 * Runs in a Node of its own, since a thread's network namespace is for good what it was when the thread pool began. The
 * arguments are data: protocol, address, port, timeout and settling time in milliseconds, payload in base64.
 */
const PROGRAM = `
const [protocol, address, port, timeout, settle, payload] = process.argv.slice(1);
const start = process.hrtime.bigint();
let say = (report) => {
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  process.stdout.write(JSON.stringify({ milliseconds, ...report }) + '\\n', () => process.exit(0));
  say = () => {};
};`;

const TCP = `
const socket = require('node:net').connect({ host: address, port: Number(port) });
setTimeout(() => say({ event: 'silence' }), Number(timeout));
let connected = null;
const settled = (event) => say({ event, milliseconds: connected });
socket.on('connect', () => {
  connected = Number(process.hrtime.bigint() - start) / 1e6;
  setTimeout(() => settled('connected'), Number(settle));
});
socket.on('data', () => settled('connected'));
socket.on('end', () => settled('closed-early'));
socket.on('error', (error) =>
  connected === null ? say({ event: 'error', code: error.code ?? '' }) : settled('closed-early'));
`;

const UDP = `
const type = address.includes(':') ? 'udp6' : 'udp4';
// On the same port: what comes from others than the one that is asked does not get to the socket that asks.
const others = require('node:dgram').createSocket({ type, reuseAddr: true });
const socket = require('node:dgram').createSocket({ type, reuseAddr: true });
setTimeout(() => say({ event: 'silence' }), Number(timeout));
const failed = (error) => say({ event: 'error', code: error.code ?? '' });
socket.on('error', failed);
socket.on('message', (data) => say({ event: 'datagram', data: data.toString('base64') }));
others.on('error', failed);
others.on('message', (data, from) =>
  setTimeout(() => say({ event: 'silence', elsewhere: from.address }), Number(settle)));
others.bind(0, () => socket.bind(others.address().port, () =>
  socket.connect(Number(port), address, (error) => {
    if (error) return failed(error);
    socket.send(Buffer.from(payload, 'base64'), (error) => { if (error) failed(error); });
  })));
`;

/** Time for a process to start beyond what the question allows. */
const START_MILLISECONDS = 4000;

/** Opens a real socket in a namespace and reports what became of it. */
export async function askSocket(
  machine: Machine,
  place: Place,
  question: SocketQuestion,
  signal?: AbortSignal,
): Promise<SocketReport> {
  const payload = Buffer.from(question.payload ?? new Uint8Array()).toString('base64');
  const output = await machine.run(place, {
    argv: [
      ...[process.execPath, '-e', PROGRAM + (question.protocol === 'tcp' ? TCP : UDP), '--'],
      ...[question.protocol, question.address, String(question.port)],
      ...[String(question.timeoutMilliseconds), String(SETTLE_MILLISECONDS), payload],
    ],
    // In an editor's extension host the executable is Electron; and its debugger's options are not for this child.
    env: { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    timeoutMilliseconds: question.timeoutMilliseconds + START_MILLISECONDS,
    ...(signal ? { signal } : {}),
  });
  return parseReport(output);
}

export function parseReport(output: Output): SocketReport {
  if (output.problem !== undefined || output.exitCode !== 0)
    return { event: 'not-run', reason: whyNotRun(output) };
  const report = parseJson(output.stdout);
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

/** A sentence on a probe that could not be made. */
export function whyNotRun(output: Output, tool = 'node'): string {
  switch (output.problem) {
    case 'missing-tool':
      return `No probe was made, because ${tool} is not installed.`;
    case 'namespace-gone':
      return 'No probe was made, because the network namespace is gone.';
    case 'not-permitted':
      return 'No probe was made, because only an administrator may enter this network namespace: run the same with sudo.';
    case 'cancelled':
      return 'The probe was cancelled.';
    case 'timeout':
      return 'The probe did not end in time.';
    default:
      return `No probe was made, because ${tool} failed.`;
  }
}
