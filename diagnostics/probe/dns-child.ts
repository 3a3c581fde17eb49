import { isObject, numberField, objects, parseJson, stringField } from '../collect/external-json.ts';
import type { Machine, Place } from '../host/machine.ts';
import { whyNotRun } from './socket-child.ts';

/** A DNS message for a server, over UDP with TCP where the answer did not fit, or over TCP alone. */
export interface DnsExchange {
  readonly server: string;
  readonly message: Uint8Array;
  readonly tcp: boolean;
}

export type DnsReport =
  | {
      readonly event: 'answer';
      readonly transport: 'udp' | 'tcp';
      readonly milliseconds: number;
      readonly data: Uint8Array;
    }
  | { readonly event: 'error'; readonly code: string; readonly transport: 'udp' | 'tcp' }
  | { readonly event: 'silence'; readonly transport: 'udp' | 'tcp' }
  | { readonly event: 'not-run'; readonly reason: string };

/**
 * Runs in a Node of its own in the namespace, all exchanges at once, as C libraries send A and AAAA. The arguments are data:
 * exchanges as JSON, milliseconds. An answer counts only with the question's number; a truncated one is asked for again by TCP.
 */
const PROGRAM = `
const [list, timeout] = process.argv.slice(1);
const start = process.hrtime.bigint();
const since = () => Number(process.hrtime.bigint() - start) / 1e6;
const exchanges = JSON.parse(list);
const reports = exchanges.map(() => ({ event: 'silence', transport: 'udp' }));
let waiting = exchanges.length;
const end = () => process.stdout.write(JSON.stringify(reports) + '\\n', () => process.exit(0));
setTimeout(end, Number(timeout));
exchanges.forEach(({ server, message, tcp }, index) => {
  const question = Buffer.from(message, 'base64');
  let open = true;
  const done = (report) => { if (!open) return; open = false; reports[index] = report; if (--waiting === 0) end(); };
  const failed = (error) => done({ event: 'error', code: error.code ?? '', transport: reports[index].transport });
  const mine = (data) => data.length >= 12 && data.readUInt16BE(0) === question.readUInt16BE(0);
  const answer = (transport, data) => done({ event: 'answer', transport, milliseconds: since(), data: data.toString('base64') });
  const byTcp = () => {
    reports[index] = { event: 'silence', transport: 'tcp' };
    let heard = Buffer.alloc(0);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length);
    const socket = require('node:net').connect({ host: server, port: 53 }, () => socket.write(Buffer.concat([length, question])));
    socket.on('error', failed);
    socket.on('end', () => failed({ code: 'ECONNRESET' }));
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data]);
      if (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0))
        answer('tcp', heard.subarray(2, 2 + heard.readUInt16BE(0)));
    });
  };
  if (tcp) return byTcp();
  const socket = require('node:dgram').createSocket(server.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', failed);
  socket.on('message', (data) => {
    if (!mine(data)) return;
    socket.close();
    if (data[2] & 2) byTcp(); else answer('udp', data);
  });
  socket.connect(53, server, (error) => {
    if (error) return failed(error);
    socket.send(question, (error) => { if (error) failed(error); });
  });
});
if (waiting === 0) end();
`;

/** Time for a process to start beyond what the exchange allows. */
const START_MILLISECONDS = 4000;

/** One report for each exchange, in their order. Never throws. */
export async function exchangeDns(
  machine: Machine,
  place: Place,
  exchanges: readonly DnsExchange[],
  timeoutMilliseconds: number,
  signal?: AbortSignal,
): Promise<readonly DnsReport[]> {
  const list = exchanges.map(({ server, message, tcp }) => ({
    server,
    tcp,
    message: Buffer.from(message).toString('base64'),
  }));
  const output = await machine.run(place, {
    argv: [process.execPath, '-e', PROGRAM, '--', JSON.stringify(list), String(timeoutMilliseconds)],
    env: { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    timeoutMilliseconds: timeoutMilliseconds + START_MILLISECONDS,
    ...(signal ? { signal } : {}),
  });
  if (output.problem !== undefined || output.exitCode !== 0)
    return exchanges.map(() => ({ event: 'not-run', reason: whyNotRun(output) }));
  const reports = objects(parseJson(output.stdout));
  return exchanges.map((_, index) => parseReport(reports[index]));
}

function parseReport(report: unknown): DnsReport {
  if (!isObject(report)) return { event: 'silence', transport: 'udp' };
  const transport = stringField(report, 'transport') === 'tcp' ? 'tcp' : 'udp';
  switch (stringField(report, 'event')) {
    case 'answer':
      return {
        event: 'answer',
        transport,
        milliseconds: numberField(report, 'milliseconds') ?? 0,
        data: Buffer.from(stringField(report, 'data') ?? '', 'base64'),
      };
    case 'error':
      return { event: 'error', code: stringField(report, 'code') ?? '', transport };
    default:
      return { event: 'silence', transport };
  }
}
