import type { Machine } from '../host/machine.ts';
import { unansweredName, type NameAnswer } from '../model/dns-answer.ts';
import type { NameQuestion } from '../source.ts';
import { exchangeDns, type DnsReport } from './exchange-dns.ts';
import { dnsQuestion, parseDnsAnswer, type DnsAnswer } from './dns-message.ts';
import { errorOutcome } from './outcome.ts';
import { placeOf } from './probe.ts';

/** Asks servers for names, all at once, each for its IPv4 and IPv6 addresses as C libraries do. */
export async function resolveNames(
  machine: Machine,
  { namespace, asks, families, tcp, timeoutMilliseconds }: NameQuestion,
  signal?: AbortSignal,
): Promise<readonly NameAnswer[]> {
  const types = families.map((family) => (family === 4 ? ('A' as const) : ('AAAA' as const)));
  const exchanges = await Promise.all(
    asks.flatMap(({ server, name }) =>
      types.map(async (type) => ({ server, tcp, message: await dnsQuestion(name, type) })),
    ),
  );
  const reports = await exchangeDns(machine, placeOf(namespace), exchanges, timeoutMilliseconds, signal);
  return Promise.all(
    asks.map((ask, index) => together(ask, reports.slice(index * types.length, (index + 1) * types.length))),
  );
}

/** What the answers for both families come to: a name that has addresses of one of them exists. */
async function together(
  ask: { readonly server: string; readonly name: string },
  reports: readonly DnsReport[],
): Promise<NameAnswer> {
  const heard = reports.filter((report) => report.event === 'answer');
  const parsed = await Promise.all(heard.map(({ data }) => parseDnsAnswer(data)));
  const answers = parsed.filter((answer): answer is DnsAnswer => answer !== null);
  const addresses = answers.flatMap((answer) => answer.addresses);
  // Half an answer is none, unless it has what was asked for: C libraries wait for both.
  if (answers.length < reports.length && addresses.length === 0)
    return {
      ...unansweredName(ask, detailOf(reports), reports.some(lostByTcp) ? 'tcp' : 'udp'),
      ...(reports.every((report) => report.event === 'error' && report.code === 'ECONNREFUSED')
        ? { refused: true }
        : {}),
      ...(reports.some((report) => report.event === 'not-run') ? { unasked: true } : {}),
    };
  const failed = answers.find(({ code }) => code !== 'NOERROR');
  return {
    ...ask,
    code: addresses.length > 0 ? 'NOERROR' : (failed?.code ?? 'NOERROR'),
    addresses,
    transport: heard.some(({ transport }) => transport === 'tcp') ? 'tcp' : 'udp',
    milliseconds: Math.max(...heard.map(({ milliseconds }) => milliseconds)),
    detail: '',
  };
}

/** A connection was tried: because the answer did not fit into a datagram, or from the start. */
const lostByTcp = (report: DnsReport): boolean =>
  (report.event === 'error' || report.event === 'silence') && report.transport === 'tcp';

function detailOf(reports: readonly DnsReport[]): string {
  for (const report of reports) {
    if (report.event === 'not-run') return report.reason;
    if (report.event === 'error') return errorOutcome(report.code).detail;
  }
  return reports.some(lostByTcp) ? 'No answer came by TCP.' : 'No answer came.';
}
