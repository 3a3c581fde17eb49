import type { Fact } from './fact.ts';
import type { HostId, NamespaceId } from './ids.ts';
import type { Ipsec } from './ipsec.ts';
import type { Link } from './link.ts';
import type { Offload } from './offload.ts';
import type { ResolverFiles } from './resolver.ts';
import type { FdbEntry, Neighbour, Route, RoutingRule } from './route.ts';
import type { Ruleset } from './ruleset.ts';
import type { SocketProgram } from './socket-program.ts';
import type { TrafficControl } from './traffic-control.ts';
import type { VirtualService } from './virtual-service.ts';
import type { ConntrackEntry, ListeningSocket } from './socket.ts';

/** Each name by which a user can mean a namespace. */
export type NamespaceName =
  | { readonly type: 'host' }
  | { readonly type: 'netns'; readonly name: string }
  /** `engine`: whose name it is, where that is not Docker (`podman`, `podman@USER`, `containerd`). */
  | { readonly type: 'container'; readonly name: string; readonly engine?: string }
  | { readonly type: 'pid'; readonly pid: number; readonly process: string }
  /** Nobody lives in it: a process has it open. */
  | { readonly type: 'fd'; readonly pid: number; readonly descriptor: number; readonly process: string };

/** The facts of a namespace that are read when a walk asks for them. */
export interface NamespaceFacts {
  /** Interfaces with their addresses. */
  readonly links: Fact<readonly Link[]>;
  /** All tables, both families. */
  readonly routes: Fact<readonly Route[]>;
  readonly rules: Fact<readonly RoutingRule[]>;
  readonly neighbours: Fact<readonly Neighbour[]>;
  readonly fdb: Fact<readonly FdbEntry[]>;
  /** Keys as sysctl(8) writes them with slashes: `net/ipv4/conf/eth0/forwarding` → `1`. */
  readonly sysctls: Fact<Readonly<Record<string, string>>>;
  /** Netfilter, from every backend. */
  readonly ruleset: Fact<Ruleset>;
  readonly sockets: Fact<readonly ListeningSocket[]>;
  readonly conntrack: Fact<readonly ConntrackEntry[]>;
  /** UDP ports that programs hold, connected or not: whoever goes on sending does so from one of these. */
  readonly datagramPorts: Fact<readonly number[]>;
  /** Absent: the kernel has none. */
  readonly ipsec: Fact<Ipsec>;
  /** What queues and filters of its interfaces are out of the ordinary; absent: there is no tc(8) to tell. */
  readonly trafficControl: Fact<readonly TrafficControl[]>;
  /** What eBPF programs meet the packets of who sends from here, and of any socket here; absent: the kernel has none. */
  readonly socketPrograms: Fact<readonly SocketProgram[]>;
  /** What interfaces do themselves, and the kernel leaves to them. */
  readonly offloads: Fact<readonly Offload[]>;
  /** Services of IPVS; absent: the kernel has none. */
  readonly virtualServices: Fact<readonly VirtualService[]>;
  /** What a process of this namespace that is in no container reads. */
  readonly resolver: Fact<ResolverFiles>;
}

/** A fact that is read by itself. */
export type FactName = keyof NamespaceFacts;

/** Every fact that may be asked for, one by one. */
export const FACT_NAMES: readonly FactName[] = [
  'links',
  'routes',
  'rules',
  'neighbours',
  'fdb',
  'sysctls',
  'ruleset',
  'sockets',
  'conntrack',
  'datagramPorts',
  'ipsec',
  'trafficControl',
  'virtualServices',
  'socketPrograms',
  'offloads',
  'resolver',
];

/** A network namespace, and what is known of it. */
export interface Namespace {
  readonly id: NamespaceId;
  readonly host: HostId;
  /** nsfs inode. */
  readonly inode: number;
  /** Most telling first. */
  readonly names: readonly NamespaceName[];
  readonly facts: NamespaceFacts;
}

/** `host`, `netns:red`, `container:web`, `podman:web`, `pid:42`, `fd:42.7`: how a name is written in questions and answers. */
export const nameText = (name: NamespaceName): string => {
  switch (name.type) {
    case 'host':
      return 'host';
    case 'netns':
      return `netns:${name.name}`;
    case 'container':
      return `${name.engine ?? 'container'}:${name.name}`;
    case 'pid':
      return `pid:${name.pid}`;
    case 'fd':
      return `fd:${name.pid}.${name.descriptor}`;
  }
};

/** Whether a person or an engine gave it a name: what only processes have is often nobody's business. */
export const isNamed = (namespace: Namespace): boolean =>
  namespace.names.some(({ type }) => type !== 'pid' && type !== 'fd');

/** The most telling name of a namespace, for answers and JSON. */
export const namespaceLabel = (namespace: Namespace): string => {
  const first = namespace.names[0];
  return first ? nameText(first) : `netns-inode:${namespace.inode}`;
};
