import { isObject, numberField, objects, stringField } from '../host/external-json.ts';
import type { Machine, Place } from '../host/machine.ts';
import { runTalk } from './run-talk.ts';
import type { Talk } from './talk.ts';

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

interface Asked {
  readonly exchanges: readonly {
    readonly server: string;
    /** In base64. */
    readonly message: string;
    readonly tcp: boolean;
  }[];
  readonly timeout: number;
}

/**
 * All exchanges at once, as C libraries send A and AAAA. An answer counts only with the question's number; a truncated one is asked
 * for again by TCP.
 */
const talkDns: Talk<Asked> = async (surroundings, { exchanges, timeout }, say) => {
  const start = process.hrtime.bigint();
  const reports: object[] = exchanges.map(() => ({ event: 'silence', transport: 'udp' }));
  let waiting = exchanges.length;
  const end = (): void => say(reports);
  surroundings.after(timeout, end);
  if (waiting === 0) end();
  const hold = async ({ server, message, tcp }: Asked['exchanges'][number], index: number): Promise<void> => {
    const question = Buffer.from(message, 'base64');
    let transport = 'udp';
    let open = true;
    const done = (report: object): void => {
      if (!open) return;
      open = false;
      reports[index] = { ...report, transport };
      waiting -= 1;
      if (waiting === 0) end();
    };
    const failed = (error: unknown): void =>
      done({ event: 'error', code: (error as { code?: string }).code ?? '' });
    const answer = (data: Buffer): void =>
      done({
        event: 'answer',
        milliseconds: Number(process.hrtime.bigint() - start) / 1e6,
        data: data.toString('base64'),
      });
    const byTcp = async (): Promise<void> => {
      transport = 'tcp';
      reports[index] = { event: 'silence', transport };
      let heard = Buffer.alloc(0);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(question.length);
      const socket = await surroundings.stream(server);
      socket.on('error', failed);
      socket.on('end', () => failed({ code: 'ECONNRESET' }));
      socket.on('data', (data) => {
        heard = Buffer.concat([heard, data]);
        if (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0))
          answer(heard.subarray(2, 2 + heard.readUInt16BE(0)));
      });
      socket.connect({ host: server, port: 53 }, () => {
        socket.write(Buffer.concat([length, question]));
      });
    };
    try {
      if (tcp) return await byTcp();
      const socket = await surroundings.datagrams(server, 0, false);
      socket.on('error', failed);
      socket.on('message', (data) => {
        if (transport === 'tcp' || data.length < 12 || data.readUInt16BE(0) !== question.readUInt16BE(0))
          return;
        if ((data.readUInt8(2) & 2) === 0) answer(data);
        else byTcp().catch(failed);
      });
      // Types of Node do not know that it is called with what went wrong.
      socket.connect(53, server, ((error?: Error) => {
        if (error) return failed(error);
        socket.send(question, (problem) => {
          if (problem) failed(problem);
        });
      }) as () => void);
    } catch (error) {
      failed(error);
    }
  };
  await Promise.all(exchanges.map(hold));
};

/** One report for each exchange, in their order. Never throws. */
export async function exchangeDns(
  machine: Machine,
  place: Place,
  exchanges: readonly DnsExchange[],
  timeoutMilliseconds: number,
  signal?: AbortSignal,
): Promise<readonly DnsReport[]> {
  const asked: Asked = {
    exchanges: exchanges.map(({ server, message, tcp }) => ({
      server,
      tcp,
      message: Buffer.from(message).toString('base64'),
    })),
    timeout: timeoutMilliseconds,
  };
  const said = await runTalk(machine, place, talkDns, asked, { timeoutMilliseconds, signal });
  if ('notRun' in said) return exchanges.map(() => ({ event: 'not-run', reason: said.notRun }));
  const reports = objects(said.report);
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
