import type { AskedServer } from '../causes/situation.ts';
import type { NameAnswer } from '../model/dns-answer.ts';
import type { Flow } from '../model/flow.ts';
import { addressAndPort } from '../model/ip.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { FlowStart } from '../simulate/start.ts';
import { viewOfAsker } from '../simulate/names.ts';
import { arrives, arrivesWhole, explainWay, walkWhole, type Explanation, type Found } from './explain.ts';
import type { Note } from './notes.ts';
import { askerOf, type Target } from './target.ts';

const DNS_PORT = 53;

/** A question to a name server. */
export const askStart = (
  namespace: NamespaceId,
  server: string,
  protocol: NameAnswer['transport'],
): FlowStart => ({ from: 'namespace', namespace, destination: server, protocol, port: DNS_PORT });

/** Of the servers that were asked and gave no answer: how a question to each goes, in the order in which they were asked. */
export function unansweredStarts({ from }: Flow, sent: readonly NameAnswer[]): readonly FlowStart[] {
  if (from.type !== 'namespace') return [];
  const silent = sent.filter(({ code }) => code === null);
  return [...new Set(silent.map(({ server }) => server))].map((server) => {
    const byTcp = silent.some((one) => one.server === server && one.transport === 'tcp');
    return askStart(from.namespace, server, byTcp ? 'tcp' : 'udp');
  });
}

/** Why a name server gave no answer. */
export interface ServerExplained {
  readonly server: AskedServer;
  readonly start: FlowStart;
  /** What is in the way of a question to it, in the order in which it is met. */
  readonly found: readonly Found[];
}

/**
 * Looks for what is in the way of a question to the servers that gave no answer; of several the one that can be mended, for one
 * that answers is enough. Null: each of them answered.
 */
export function explainServers(
  snapshot: Snapshot,
  flow: Flow,
  sent: readonly NameAnswer[],
  earlier: readonly Found[],
): { readonly explained: ServerExplained | null; readonly missing: readonly MissingFact[] } {
  const ways = unansweredStarts(flow, sent).map((start) => ({
    start,
    way: explainWay(snapshot, questionTo(start, flow), start, earlier),
  }));
  const best =
    ways.find(({ way }) => way.arrives && way.found.length > 0) ??
    ways.find(({ way }) => way.found.length > 0) ??
    ways[0];
  const missing = ways.flatMap(({ way }) => way.missing);
  return { explained: best ? explained(snapshot, best.start, best.way) : null, missing };
}

function explained(snapshot: Snapshot, start: FlowStart, way: Explanation): ServerExplained {
  const found = way.found.map(withoutOtherPort);
  const server = {
    address: start.destination,
    arrives: arrives(walkWhole(snapshot, start).trip),
    inner: null,
  };
  return { server, start, found };
}

/** A name server is always asked at the same port. */
const withoutOtherPort = (found: Found): Found => ({
  ...found,
  remedies: found.remedies.filter(({ actions }) => actions.every(({ kind }) => kind !== 'ask-instead')),
});

/** Whether a question to one of them gets there, and an answer back. */
export const oneAnswers = (snapshot: Snapshot, starts: readonly FlowStart[]): boolean =>
  starts.some((start) => arrivesWhole(walkWhole(snapshot, start)));

const questionTo = ({ destination, protocol }: FlowStart, flow: Flow): Flow => ({
  ...flow,
  to: { type: 'address', address: destination },
  toText: addressAndPort(destination, DNS_PORT),
  protocol,
  port: DNS_PORT,
});

/** resolv.conf(5): RES_TIMEOUT of glibc. */
const DEFAULT_SECONDS = 5;

/** A server that is waited for in vain before the one that answers. musl asks all of them at once. */
export function slowNames(snapshot: Snapshot, { from }: Flow, { naming, sent }: Target): readonly Note[] {
  if (naming?.by !== 'dns' || from.type !== 'namespace') return [];
  const { files } = viewOfAsker(snapshot, askerOf(from));
  const waitedFor = sent.find(({ code, refused }) => code === null && refused !== true);
  if (files.state !== 'known' || files.value.libc === 'musl' || !waitedFor) return [];
  const seconds = files.value.options?.timeout ?? DEFAULT_SECONDS;
  return [{ type: 'slow-names', server: waitedFor.server, next: naming.source, seconds }];
}
