import type { Fact } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Ipsec } from '../model/ipsec.ts';
import { linkAt, linkNamed, type Link } from '../model/link.ts';
import { namespaceLabel, type FactName, type Namespace } from '../model/namespace.ts';
import type { FdbEntry, Neighbour, Route, RoutingRule } from '../model/route.ts';
import type { Ruleset } from '../model/ruleset.ts';
import type { ConntrackEntry, ListeningSocket } from '../model/socket.ts';
import type { SocketProgram } from '../model/socket-program.ts';
import type { TrafficControl } from '../model/traffic-control.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';

/** What a packet's way through a namespace can depend on; asked for together, to save round trips. */
export const PATH_FACTS: readonly FactName[] = [
  'links',
  'routes',
  'rules',
  'neighbours',
  'fdb',
  'sysctls',
  'ruleset',
  'ipsec',
  'trafficControl',
  'virtualServices',
  'socketPrograms',
];

/** Not every kernel, or machine, has these. */
const MAY_LACK: ReadonlySet<FactName> = new Set<FactName>([
  'ipsec',
  'trafficControl',
  'virtualServices',
  'socketPrograms',
]);

/** Without these nothing can be said about a packet in a namespace. */
const INDISPENSABLE: readonly FactName[] = ['links', 'routes', 'sysctls'];

/** A namespace whose facts were read: what the kernel there decides by. */
export interface View {
  readonly id: NamespaceId;
  readonly label: string;
  /** Of the machine: its release, as `uname -r` prints it. */
  readonly kernel: string;
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
  readonly rules: readonly RoutingRule[];
  readonly neighbours: readonly Neighbour[];
  readonly fdb: readonly FdbEntry[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ruleset: Ruleset | null;
  /** Read where somebody asks: a packet that comes here, or a rule. */
  readonly sockets: Fact<readonly ListeningSocket[]>;
  /** null: there is none. */
  readonly ipsec: Ipsec | null;
  readonly trafficControl: readonly TrafficControl[];
  readonly virtualServices: readonly VirtualService[];
  /** eBPF programs that meet what is sent from here, and what comes back for it. */
  readonly socketPrograms: readonly SocketProgram[];
  /** Connections that it remembers; empty where nobody has looked. */
  readonly connections: readonly ConntrackEntry[];
  /** Why a fact could not be read, for those that a walk can go on without. */
  readonly unreadable: ReadonlyMap<FactName, string>;
}

export type Opened =
  | { readonly state: 'open'; readonly view: View }
  | { readonly state: 'closed'; readonly missing: readonly MissingFact[]; readonly reason: string };

/** What is said of facts that have no such name in a sentence. */
const NOUNS: Partial<Readonly<Record<FactName, string>>> = {
  trafficControl: 'queues of interfaces',
  socketPrograms: 'eBPF programs of sockets',
};

/** What the facts say of a way that cannot be followed because nobody may look. */
const unreadableText = (label: string, fact: FactName, value: Fact<unknown>): string =>
  value.state === 'denied'
    ? `the ${NOUNS[fact] ?? fact} of ${label} could not be read: ${value.reason}`
    : `the ${NOUNS[fact] ?? fact} of ${label} could not be read: nothing on this machine tells them`;

const unreadOf = ({ id, facts }: Namespace): readonly MissingFact[] =>
  PATH_FACTS.filter((fact) => facts[fact].state === 'unread').map((fact) => ({ namespace: id, fact }));

/** All of PATH_FACTS that nobody has read of a namespace. */
export const unreadFacts = (snapshot: Snapshot, id: NamespaceId): readonly MissingFact[] => {
  const namespace = findNamespace(snapshot, id);
  return namespace ? unreadOf(namespace) : [];
};

const open = (namespace: Namespace, kernel: string): Opened => {
  const label = namespaceLabel(namespace);
  const { facts } = namespace;
  const missing = unreadOf(namespace);
  if (missing.length > 0)
    return {
      state: 'closed',
      missing,
      reason: `${label} was not looked at yet`,
    };
  const unreadable = new Map<FactName, string>();
  for (const fact of PATH_FACTS)
    if (facts[fact].state === 'denied' || (facts[fact].state === 'absent' && !MAY_LACK.has(fact)))
      unreadable.set(fact, unreadableText(label, fact, facts[fact]));
  for (const fact of INDISPENSABLE) {
    const reason = unreadable.get(fact);
    if (reason !== undefined) return { state: 'closed', missing: [], reason };
  }
  const value = <T, F>(fact: Fact<T>, fallback: F): T | F => (fact.state === 'known' ? fact.value : fallback);
  return {
    state: 'open',
    view: {
      id: namespace.id,
      label,
      kernel,
      links: value(facts.links, []),
      routes: value(facts.routes, []),
      rules: value(facts.rules, []),
      neighbours: value(facts.neighbours, []),
      fdb: value(facts.fdb, []),
      sysctls: value(facts.sysctls, {}),
      ruleset: value(facts.ruleset, null),
      sockets: facts.sockets,
      ipsec: value(facts.ipsec, null),
      trafficControl: value(facts.trafficControl, []),
      virtualServices: value(facts.virtualServices, []),
      socketPrograms: value(facts.socketPrograms, []),
      connections: value(facts.conntrack, []),
      unreadable,
    },
  };
};

const opened = new WeakMap<Namespace, Opened>();

/** The namespace as a walk needs it, or all it misses. */
export function openNamespace(snapshot: Snapshot, id: NamespaceId): Opened {
  const namespace = findNamespace(snapshot, id);
  if (!namespace) return { state: 'closed', missing: [], reason: `the namespace ${id} is not in sight` };
  const seen = opened.get(namespace);
  if (seen) return seen;
  const result = open(namespace, snapshot.machine.kernel);
  opened.set(namespace, result);
  return result;
}

/** undefined: there is none here. */
export const linkByIndex = (view: View, index: number): Link | undefined => linkAt(view.links, index);

export const linkByName = (view: View, name: string): Link | undefined => linkNamed(view.links, name);

/** Every namespace has one; undefined where it was not listed. */
export const loopback = (view: View): Link | undefined =>
  view.links.find((link) => link.kind.type === 'loopback');
