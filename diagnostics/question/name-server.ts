import type { AskedServer } from '../causes/situation.ts';
import { serversOfHost } from '../causes/stub-servers.ts';
import type { NameAnswer } from '../model/dns-answer.ts';
import { ENGINE_DNS, type OwnContainer } from '../model/engines.ts';
import type { Flow } from '../model/flow.ts';
import { addressAndPort } from '../model/ip.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import type { FlowStart } from '../simulate/start.ts';
import { engineNames, viewOfAsker } from '../simulate/names/names.ts';
import { arrives, arrivesWhole, missingOf, walkWhole } from './walked.ts';
import type { Found } from './found.ts';
import { explainWay, type Explanation } from './explain.ts';
import type { Note } from './notes.ts';
import { askerOf, type Target } from './target.ts';

const DNS_PORT = 53;

/** A question to a name server. */
export const askStart = (
  namespace: NamespaceId,
  server: string,
  protocol: NameAnswer['transport'],
): FlowStart => ({ from: 'namespace', namespace, destination: server, protocol, port: DNS_PORT });

/** A question to a server that gave no answer. */
export interface Unanswered {
  readonly start: FlowStart;
  /** The server that passes it on there; absent where FROM asks itself. */
  readonly via?: string;
}

/**
 * How a question to each server goes that gave no answer, in the order in which they were asked. Docker's own server passes on
 * what it does not know, from the container's namespace (libnetwork, resolver.go): then those it asks are looked at too.
 */
export function unansweredStarts(
  snapshot: Snapshot,
  { from }: Flow,
  sent: readonly NameAnswer[],
): readonly Unanswered[] {
  if (from.type !== 'namespace') return [];
  const { namespace } = from;
  const silent = sent.filter(({ code }) => code === null);
  const servers = [...new Set(silent.map(({ server }) => server))].map((server): Unanswered => {
    const byTcp = silent.some((one) => one.server === server && one.transport === 'tcp');
    return { start: askStart(namespace, server, byTcp ? 'tcp' : 'udp') };
  });
  const { container, engine } = viewOfAsker(snapshot, askerOf(from));
  if (!container || engine?.kind !== 'docker') return servers;
  const passedOn = sent.some(
    ({ server, name, code, refused }) =>
      server === ENGINE_DNS &&
      code !== 'NXDOMAIN' &&
      refused !== true &&
      engineNames(engine, container, name).length === 0,
  );
  if (!passedOn) return servers;
  const asked = upstreamServers(snapshot, namespace, { engine, container });
  return [
    ...servers,
    ...asked.map((server) => ({ start: askStart(namespace, server, 'udp'), via: ENGINE_DNS })),
  ];
}

/** Whom Docker's own server asks in its turn: those that the container was told, else the engine, else the host's. */
const upstreamServers = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  { engine, container }: OwnContainer,
): readonly string[] =>
  container.nameServers ?? engine.settings?.nameServers ?? serversOfHost(snapshot, namespace);

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
  const ways = unansweredStarts(snapshot, flow, sent).map((one) => ({
    ...one,
    way: explainWay(snapshot, questionTo(one.start, flow), one.start, { earlier }),
  }));
  const best =
    ways.find(({ way }) => way.arrives && way.found.length > 0) ??
    ways.find(({ way }) => way.found.length > 0) ??
    ways.find(({ via }) => via === undefined);
  const asked = new Set(ways.map(({ start }) => start.destination));
  const others = best === undefined ? NO_OTHERS : othersFor(snapshot, best.start, asked);
  const missing = [...ways.flatMap(({ way }) => way.missing), ...others.missing];
  return { explained: best ? explained(snapshot, best, best.way, others.servers) : null, missing };
}

const NO_OTHERS: Others = { servers: [], missing: [] };

interface Others {
  readonly servers: readonly string[];
  readonly missing: readonly MissingFact[];
}

/** Servers of the host's that nobody asked here: who has a wrong one may ask one of them. */
function othersFor(snapshot: Snapshot, start: FlowStart, asked: ReadonlySet<string>): Others {
  if (start.from !== 'namespace') return NO_OTHERS;
  const { namespace } = start;
  const ways = serversOfHost(snapshot, namespace)
    .filter((server) => !asked.has(server))
    .map((server) => ({ server, walked: walkWhole(snapshot, askStart(namespace, server, 'udp')) }));
  return {
    servers: ways.filter(({ walked }) => arrivesWhole(walked)).map(({ server }) => server),
    missing: ways.flatMap(({ walked }) => missingOf(walked.trip)),
  };
}

function explained(
  snapshot: Snapshot,
  { start, via }: Unanswered,
  way: Explanation,
  others: readonly string[],
): ServerExplained {
  const found = way.found.map(withoutOtherPort);
  const server = {
    address: start.destination,
    ...(via === undefined ? {} : { via }),
    arrives: arrives(walkWhole(snapshot, start).trip),
    inner: null,
    others,
  };
  return { server, start, found };
}

/** A name server is always asked at the same port. */
const withoutOtherPort = (found: Found): Found => ({
  ...found,
  remedies: found.remedies.filter(({ actions }) => actions.every(({ kind }) => kind !== 'ask-instead')),
});

/** Whether a question to one of them gets there, and an answer back; who only passes it on is of no use alone. */
export function oneAnswers(snapshot: Snapshot, asked: readonly Unanswered[]): boolean {
  const last = asked.filter(({ start }) => !asked.some(({ via }) => via === start.destination));
  return last.some(({ start }) => arrivesWhole(walkWhole(snapshot, start)));
}

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
