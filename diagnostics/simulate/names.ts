import type { Container, Engine } from '../model/container.ts';
import type { Fact } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { canonicalAddress, isAddress } from '../model/ip.ts';
import { namespaceLabel } from '../model/namespace.ts';
import type { ResolverFiles } from '../model/resolver.ts';
import { findHost, findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';

/** Who asks: a process of a namespace, in a container or not. */
export interface Asker {
  readonly namespace: NamespaceId;
  /** The container's name. */
  readonly container?: string;
}

/** What the files and the engine's own DNS say of a name. */
export type NameResolution =
  | {
      readonly type: 'addresses';
      readonly addresses: readonly string[];
      /** `literal`: it is an address; `hosts`: a line of /etc/hosts; `engine`: Docker's embedded DNS. */
      readonly by: 'literal' | 'hosts' | 'engine';
      /** Where it can be read again. */
      readonly source: string;
    }
  /** The only source said no. */
  | { readonly type: 'not-known'; readonly why: 'not-in-hosts'; readonly said: string }
  /** Only a live query can tell: these names, in this order, to the first of these servers that answers. */
  | {
      readonly type: 'ask';
      readonly servers: readonly string[];
      readonly queries: readonly string[];
      /** Docker's embedded DNS is asked, and has no such name itself: it asks its own upstream servers. */
      readonly engineLacks: boolean;
      /** No server is configured: the one on this machine is asked, resolv.conf(5). */
      readonly noneNamed: boolean;
    }
  | { readonly type: 'missing'; readonly missing: readonly MissingFact[] }
  | { readonly type: 'unknown'; readonly reason: string };

/** The server that is asked where none is named. */
const DEFAULT_SERVER = '127.0.0.1';
/** Where Docker's embedded DNS listens in every container that is on a network of a user. */
export const ENGINE_DNS = '127.0.0.11';
const DEFAULT_SOURCES: readonly string[] = ['files', 'dns'];

const engineOf = (snapshot: Snapshot, namespace: NamespaceId): Engine | null => {
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  return host?.engine.state === 'known' ? host.engine.value : null;
};

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const withoutDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name);

/** The names a C library asks for, in its order: resolv.conf(5), `ndots` and `search`. */
export function queriesFor(name: string, files: Pick<ResolverFiles, 'ndots' | 'search'>): readonly string[] {
  if (name.endsWith('.')) return [withoutDot(name)];
  const dots = name.split('.').length - 1;
  const searched = files.search
    .map(withoutDot)
    .filter((domain) => domain !== '')
    .map((domain) => `${name}.${domain}`);
  return dots >= files.ndots ? [name, ...searched] : [...searched, name];
}

/** Networks on which Docker's DNS knows names: all but the default bridge, host and none. */
const BARE_NETWORKS: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Docker's embedded DNS: names of containers on networks that the asker is on too; `NAME.NETWORK` as well. */
function askEngine(engine: Engine, asker: Container, query: string): readonly string[] {
  const found = new Set<string>();
  for (const { networkId, network } of asker.networks) {
    if (BARE_NETWORKS.has(network)) continue;
    for (const container of engine.containers) {
      if (container.state !== 'running' && container.state !== 'paused') continue;
      const attached = container.networks.find((one) => one.networkId === networkId);
      if (!attached) continue;
      const names = [container.name, container.id.slice(0, 12), ...attached.aliases];
      if (!names.some((name) => same(name, query) || same(`${name}.${network}`, query))) continue;
      for (const address of [attached.address, attached.address6]) if (address) found.add(address);
    }
  }
  return [...found];
}

const notRead = (
  snapshot: Snapshot,
  asker: Asker,
  fact: Exclude<Fact<ResolverFiles>, { state: 'known' }>,
): NameResolution => {
  const namespace = findNamespace(snapshot, asker.namespace);
  const who = asker.container ?? (namespace ? namespaceLabel(namespace) : asker.namespace);
  switch (fact.state) {
    case 'unread':
      return { type: 'missing', missing: [{ namespace: asker.namespace, fact: 'resolver' }] };
    case 'denied':
      return { type: 'unknown', reason: `how ${who} resolves names could not be read: ${fact.reason}` };
    case 'absent':
      return { type: 'unknown', reason: `${who} has no files that tell how names are resolved` };
  }
};

const NO_FACT: Fact<ResolverFiles> = { state: 'absent' };

/** gethostbyname(3) as one process would, as far as facts tell; no query is sent. */
export function resolveName(snapshot: Snapshot, asker: Asker, name: string): NameResolution {
  if (isAddress(name))
    return { type: 'addresses', addresses: [canonicalAddress(name)], by: 'literal', source: name };
  const engine = engineOf(snapshot, asker.namespace);
  const container = engine?.containers.find((one) => one.name === asker.container) ?? null;
  const fact = container?.resolver ?? findNamespace(snapshot, asker.namespace)?.facts.resolver ?? NO_FACT;
  if (fact.state !== 'known') return notRead(snapshot, asker, fact);
  const files = fact.value;
  const sources = files.hostsSources ?? DEFAULT_SOURCES;
  for (const source of sources) {
    const answer =
      source === 'files'
        ? fromHosts(files, name)
        : source === 'dns'
          ? fromServers(files, name, engine, container)
          : source === 'myhostname' && same(withoutDot(name), 'localhost')
            ? LOCALHOST
            : null;
    if (answer) return answer;
  }
  return { type: 'not-known', why: 'not-in-hosts', said: `/etc/hosts has no line for ${name}` };
}

const LOCALHOST: NameResolution = {
  type: 'addresses',
  addresses: ['127.0.0.1', '::1'],
  by: 'hosts',
  source: 'nss-myhostname',
};

const fromHosts = (files: ResolverFiles, name: string): NameResolution | null => {
  const addresses = files.hosts
    .filter((line) => line.names.some((own) => same(own, withoutDot(name))))
    .map((line) => line.address);
  return addresses.length > 0
    ? { type: 'addresses', addresses: [...new Set(addresses)], by: 'hosts', source: '/etc/hosts' }
    : null;
};

const fromServers = (
  files: ResolverFiles,
  name: string,
  engine: Engine | null,
  container: Container | null,
): NameResolution => {
  const queries = queriesFor(name, files);
  if (files.nameservers.length === 0)
    return { type: 'ask', servers: [DEFAULT_SERVER], queries, engineLacks: false, noneNamed: true };
  if (files.nameservers[0] !== ENGINE_DNS || !engine || !container)
    return { type: 'ask', servers: files.nameservers, queries, engineLacks: false, noneNamed: false };
  for (const query of queries) {
    const addresses = askEngine(engine, container, query);
    if (addresses.length > 0)
      return { type: 'addresses', addresses, by: 'engine', source: `${ENGINE_DNS} (${engine.kind})` };
  }
  return { type: 'ask', servers: files.nameservers, queries, engineLacks: true, noneNamed: false };
};
