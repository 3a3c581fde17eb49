import type { Engine } from './container.ts';
import { unread, type Fact } from './fact.ts';
import type { HostId, NamespaceId } from './ids.ts';
import type { FactName, Namespace, NamespaceFacts } from './namespace.ts';
import { remember } from './remember.ts';

export interface Machine {
  readonly kernel: string;
  readonly bootId: string;
  /** ISO 8601. */
  readonly takenAt: string;
  /** Whether the reader could enter other namespaces (CAP_SYS_ADMIN). */
  readonly privileged: boolean;
  /** Who asks, and sends probes: rules can tell by it. Absent in snapshots of older versions. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A root network view: the machine itself, or a lab host. */
export interface Host {
  readonly id: HostId;
  /** The host's own (root) network namespace. */
  readonly rootNamespace: NamespaceId;
  /** The one that a docker client there asks. */
  readonly engine: Fact<Engine>;
  /** Engines beside that one. */
  readonly others?: readonly Fact<Engine>[];
}

/** Everything that was read, at one time. The file format of `hoplab snapshot`. */
export interface Snapshot {
  readonly schema: 1;
  readonly machine: Machine;
  readonly hosts: readonly Host[];
  readonly namespaces: readonly Namespace[];
}

/** A fact that a walk needed and that nobody has read. */
export interface MissingFact {
  readonly namespace: NamespaceId;
  readonly fact: FactName;
}

/** Of a namespace that was found, and not yet looked into. */
export const UNREAD_FACTS: NamespaceFacts = {
  links: unread,
  routes: unread,
  rules: unread,
  neighbours: unread,
  fdb: unread,
  sysctls: unread,
  ruleset: unread,
  sockets: unread,
  conntrack: unread,
  datagramPorts: unread,
  ipsec: unread,
  trafficControl: unread,
  virtualServices: unread,
  socketPrograms: unread,
  offloads: unread,
  resolver: unread,
};

const byId = remember(
  (namespaces: readonly Namespace[]): ReadonlyMap<NamespaceId, Namespace> =>
    new Map(namespaces.map((namespace) => [namespace.id, namespace])),
);

/** undefined: there is none of this id. */
export const findNamespace = (snapshot: Snapshot, id: NamespaceId): Namespace | undefined =>
  byId(snapshot.namespaces).get(id);

/** undefined: there is none of this id. */
export const findHost = (snapshot: Snapshot, id: HostId): Host | undefined =>
  snapshot.hosts.find((host) => host.id === id);

/** A snapshot in which one namespace's facts are replaced: how collect adds, and how a fix is tried on paper. */
export const withFacts = (
  snapshot: Snapshot,
  id: NamespaceId,
  change: (facts: NamespaceFacts) => NamespaceFacts,
): Snapshot => ({
  ...snapshot,
  namespaces: snapshot.namespaces.map((namespace) =>
    namespace.id === id ? { ...namespace, facts: change(namespace.facts) } : namespace,
  ),
});
