import type { Container, Engine } from '../../model/container.ts';
import { answerKey, type NameAnswer, type NameAnswers } from '../../model/dns-answer.ts';
import type { Fact } from '../../model/fact.ts';
import { engineRunning, engineServers, hasNames, networkOwner } from '../../model/engines.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { canonicalAddress, isAddress, reachedBy } from '../../model/ip.ts';
import { namespaceLabel } from '../../model/namespace.ts';
import type { HostsLine, ResolverFiles } from '../../model/resolver.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../../model/snapshot.ts';
import { queriesFor, searchNames, withoutDot, type NameAsk } from './dns-search.ts';
import { sourcesOf } from './name-sources.ts';

/** Who asks: a process of a namespace, in a container or not. */
export interface Asker {
  readonly namespace: NamespaceId;
  /** The container's name. */
  readonly container?: string;
}

/** What a name turns into, for one process. */
export type NameResolution = (
  | {
      readonly type: 'addresses';
      readonly addresses: readonly string[];
      /** `0.0.0.0` or `::`, where that was the answer: an address of nobody, by which a program reaches its own machine. */
      readonly unspecified?: string;
      readonly by: NamedBy;
      /** What was asked for in the end: a search list may have made another name of it. */
      readonly query: string;
      /** Where it can be read again: a file, or a server. */
      readonly source: string;
    }
  | {
      readonly type: 'not-known';
      /** `engine-lacks`: the engine knows no container of that name, and whom its server asks in its turn gave no answer. */
      readonly why: 'not-in-hosts' | 'no-such-name' | 'no-answer' | 'engine-lacks' | 'no-nameserver';
      readonly said: string;
    }
  /** Only a live query can tell; until then, what the engine says that its own DNS will answer. */
  | {
      readonly type: 'ask';
      readonly asks: readonly NameAsk[];
      readonly expected: readonly string[];
      /** The engine's own DNS is asked, and has no such name itself: it asks its own upstream servers. */
      readonly engineLacks: boolean;
    }
  | { readonly type: 'missing'; readonly missing: readonly MissingFact[] }
  | { readonly type: 'unknown'; readonly reason: string }
) & {
  /** What servers were asked for it, in order. */
  readonly sent: readonly NameAnswer[];
};

/** `literal`: it is an address; `hosts`: a line of /etc/hosts; `engine`: Docker's embedded DNS; `dns`: another server. */
export type NamedBy = 'literal' | 'hosts' | 'engine' | 'dns';

/** The server that is asked where none is named. */
const DEFAULT_SERVER = '127.0.0.1';
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** A container that Docker's embedded DNS names, and its address. */
export interface EngineName {
  readonly container: Container;
  readonly network: string;
  readonly address: string;
}

/** What aardvark-dns and dnsname call the networks of podman, and resolv.conf searches in. */
const PODMAN_DOMAIN = 'dns.podman';

/** An engine's own DNS: names of containers on networks that the asker is on too; `NAME.NETWORK` as well. */
export function engineNames(engine: Engine, asker: Container, query: string): readonly EngineName[] {
  const found: EngineName[] = [];
  const internal = (id: string): boolean => engine.networks.some((it) => it.id === id && it.internal);
  // epHeap.Less() of libnetwork: internal networks last, else by name.
  const ordered = [...networkOwner(engine, asker).networks].sort(
    (a, b) =>
      Number(internal(a.networkId)) - Number(internal(b.networkId)) || (a.network < b.network ? -1 : 1),
  );
  for (const { networkId, network } of ordered) {
    const known = engine.networks.find(({ id }) => id === networkId);
    if (!hasNames(engine, known ?? { name: network })) continue;
    for (const container of engine.containers) {
      if (container.state !== 'running' && container.state !== 'paused') continue;
      // Who joined another's network is known by the name of that one.
      if (container.networkMode.startsWith('container:')) continue;
      const attached = container.networks.find((one) => one.networkId === networkId);
      if (!attached) continue;
      const names = [container.name, container.id.slice(0, 12), ...attached.aliases];
      const called = engine.kind === 'docker' ? network : PODMAN_DOMAIN;
      if (!names.some((name) => same(name, query) || same(`${name}.${called}`, query))) continue;
      for (const address of [attached.address, attached.address6])
        if (address) found.push({ container, network, address });
    }
    // The first network on which the name is known answers: others are not looked at.
    if (found.length > 0) break;
  }
  return found;
}

type Unread = Exclude<Fact<ResolverFiles>, { state: 'known' }>;

const notRead = (snapshot: Snapshot, asker: Asker, fact: Unread): NameResolution => {
  const namespace = findNamespace(snapshot, asker.namespace);
  const who = asker.container ?? (namespace ? namespaceLabel(namespace) : asker.namespace);
  switch (fact.state) {
    case 'unread':
      return { type: 'missing', missing: [{ namespace: asker.namespace, fact: 'resolver' }], sent: [] };
    case 'denied':
      return {
        type: 'unknown',
        reason: `how ${who} resolves names could not be read: ${fact.reason}`,
        sent: [],
      };
    case 'absent':
      return { type: 'unknown', reason: `${who} has no files that tell how names are resolved`, sent: [] };
  }
};

const NO_FACT: Fact<ResolverFiles> = { state: 'absent' };
const NO_ANSWERS: NameAnswers = new Map();

/** The process that asks, and by which files. */
export interface AskerView {
  readonly namespace: NamespaceId;
  readonly engine: Engine | null;
  readonly container: Container | null;
  readonly files: Fact<ResolverFiles>;
}

/** The files of the container's own process count before those of its namespace. */
export function viewOfAsker(snapshot: Snapshot, asker: Asker): AskerView {
  const engine = engineRunning(snapshot, asker.namespace, asker.container);
  const container =
    engine?.containers.find(
      (one) => one.name === asker.container && (one.namespace === null || one.namespace === asker.namespace),
    ) ?? null;
  const files = container?.resolver ?? findNamespace(snapshot, asker.namespace)?.facts.resolver ?? NO_FACT;
  return { namespace: asker.namespace, engine, container, files };
}

/** getaddrinfo(3) as one process would, as far as facts and what servers said tell; no query is sent. */
export function resolveName(
  snapshot: Snapshot,
  asker: Asker,
  name: string,
  answers: NameAnswers = NO_ANSWERS,
): NameResolution {
  if (isAddress(name)) return found([canonicalAddress(name)], 'literal', name, name);
  const view = viewOfAsker(snapshot, asker);
  if (view.files.state !== 'known') return notRead(snapshot, asker, view.files);
  const files = view.files.value;
  let unmodelled: string | null = null;
  for (const { source, stops } of sourcesOf(files, name)) {
    switch (source) {
      case 'files': {
        const lines = hostsLines(files, name);
        if (lines.length > 0) return found(addressesOf(lines), 'hosts', withoutDot(name), '/etc/hosts');
        break;
      }
      case 'dns':
        return askServers(view, files, name, answers);
      case 'localhost':
        return found(['127.0.0.1', '::1'], 'hosts', name, 'nss-myhostname');
      default:
        unmodelled ??= source;
    }
    if (stops) break;
  }
  if (unmodelled !== null)
    return {
      type: 'unknown',
      reason: `names are also asked of “${unmodelled}” (nsswitch.conf), which is not modelled`,
      sent: [],
    };
  return {
    type: 'not-known',
    why: 'not-in-hosts',
    said: `/etc/hosts has no line for ${name}`,
    sent: [],
  };
}

const found = (
  addresses: readonly string[],
  by: NamedBy,
  query: string,
  source: string,
  sent: readonly NameAnswer[] = [],
): NameResolution => {
  const reached = [...new Set(addresses.map(reachedBy))];
  const unspecified = addresses.find((address) => address === '0.0.0.0' || address === '::');
  return {
    ...{ type: 'addresses', addresses: reached, by, query, source, sent },
    ...(unspecified === undefined ? {} : { unspecified }),
  };
};

/** The lines of /etc/hosts that have the name, whatever the case and a dot at its end. */
export const hostsLines = ({ hosts }: ResolverFiles, name: string): readonly HostsLine[] =>
  hosts.filter(({ names }) => names.some((own) => same(own, withoutDot(name))));

const addressesOf = (lines: readonly HostsLine[]): readonly string[] => [
  ...new Set(lines.map(({ address }) => address)),
];

/** What name servers say, whatever /etc/hosts would. */
export function askServers(
  { namespace, engine, container }: AskerView,
  files: ResolverFiles,
  name: string,
  answers: NameAnswers,
): NameResolution {
  const noneNamed = files.nameservers.length === 0;
  const servers = noneNamed ? [DEFAULT_SERVER] : files.nameservers;
  const own = engine !== null && container !== null ? engineServers(engine, container) : [];
  const embedded = engine !== null && container !== null && own.includes(files.nameservers[0] ?? '');
  const known = (query: string): readonly string[] =>
    embedded ? [...new Set(engineNames(engine, container, query).map(({ address }) => address))] : [];
  const expects = (server: string, query: string): readonly string[] =>
    own.includes(server) ? known(query) : [];
  const { end, sent } = searchNames(name, files, servers, (server, query) =>
    answers.get(answerKey(namespace, server, query, expects(server, query))),
  );
  switch (end.type) {
    case 'found': {
      const byEngine = known(end.query).length > 0;
      return found(end.addresses, byEngine ? 'engine' : 'dns', end.query, end.server, sent);
    }
    case 'ask': {
      const expected =
        queriesFor(name, files)
          .map(known)
          .find((addresses) => addresses.length > 0) ?? [];
      return {
        type: 'ask',
        asks: end.asks.map((ask) => {
          const own = expects(ask.server, ask.name);
          return own.length > 0 ? { ...ask, expected: own } : ask;
        }),
        expected,
        engineLacks: embedded && expected.length === 0,
        sent,
      };
    }
    case 'none': {
      const unasked = sent.find((answer) => answer.unasked === true);
      if (unasked) {
        const expected = queriesFor(name, files).find((query) => known(query).length > 0);
        return expected === undefined
          ? {
              type: 'unknown',
              reason: `a name server could not be asked for ${name}: ${unasked.detail}`,
              sent,
            }
          : found(known(expected), 'engine', expected, unasked.server, sent);
      }
      if (noneNamed && end.why === 'no-answer')
        return {
          type: 'not-known',
          why: 'no-nameserver',
          said:
            files.misspelt === undefined
              ? `/etc/resolv.conf names no server; ${end.said}`
              : `What /etc/resolv.conf names as server is no address (${files.misspelt.join(', ')}); ${end.said}`,
          sent,
        };
      // A container's name has no dot: where the engine has none such, hardly anybody beyond it will, though its server asks them.
      const lacks =
        embedded &&
        !name.includes('.') &&
        queriesFor(name, files).every((query) => known(query).length === 0);
      const unheard = end.why === 'no-answer' && !sent.every(({ refused }) => refused === true);
      const why = lacks && unheard ? 'engine-lacks' : end.why;
      return { type: 'not-known', why, said: end.said, sent };
    }
  }
}
