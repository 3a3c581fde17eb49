import type { Machine } from '../host/machine.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { RawProbe } from '../source.ts';
import { dnsQuestion, parseDnsAnswer, type DnsAnswer, type RecordType } from './dns-message.ts';
import { socketOutcome } from './outcome.ts';
import { placeOf } from './probe.ts';
import { askSocket } from './socket-child.ts';

export interface DnsProbeQuestion {
  readonly namespace: NamespaceId;
  readonly server: string;
  readonly name: string;
  readonly type: RecordType;
  readonly timeoutMilliseconds: number;
}

/** The transport's outcome, and the answer where one came. */
export interface DnsProbe {
  readonly probe: RawProbe;
  readonly answer: DnsAnswer | null;
}

/** Asks a DNS server from a namespace, over UDP port 53. */
export async function probeDns(
  machine: Machine,
  question: DnsProbeQuestion,
  signal?: AbortSignal,
): Promise<DnsProbe> {
  const { server, name, type, timeoutMilliseconds } = question;
  const payload = await dnsQuestion(name, type);
  const report = await askSocket(
    machine,
    placeOf(question.namespace),
    { protocol: 'udp', address: server, port: 53, timeoutMilliseconds, payload },
    signal,
  );
  const probe = socketOutcome(report, 'udp');
  return { probe, answer: report.event === 'datagram' ? await parseDnsAnswer(report.data) : null };
}
