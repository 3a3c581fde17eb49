import type { Fact } from './fact.ts';

/** How to ask the Open vSwitch that a bridge belongs to. */
export interface OvsAddress {
  /** `--db` of ovs-vsctl; null: its default. */
  readonly database: string | null;
  /** What ovs-ofctl is told instead of the bridge's name; null: the name will do. */
  readonly management: string | null;
  /** `-t` of ovs-appctl; null: its default. */
  readonly control: string | null;
}

/** What Open vSwitch does with frames that come to one of its bridges. */
export interface OvsBridge extends OvsAddress {
  /** The bridge's name in the database; its own interface has the same. */
  readonly name: string;
  /** As `ovs-ofctl --names --no-stats dump-flows` prints them. */
  readonly flows: Fact<readonly string[]>;
  /** OpenFlow version to speak, where the bridge does not speak the usual one. */
  readonly protocol?: string;
  /** The userspace datapath: a program takes the frames. */
  readonly userspace: boolean;
  /** Set to finish checksums itself (`userspace-tso-enable`), which a daemon heeds that starts after that. */
  readonly offloads?: true;
  /** Features that are switched on and that are not modelled: `stp`, `bond` … */
  readonly unmodelled: readonly string[];
}

/** A port of an Open vSwitch bridge; the bridge's own interface is one too. */
export interface OvsPort {
  /** `system`: an interface of the kernel's; `internal`: one that Open vSwitch made, for the host's own IP stack. */
  readonly role: 'system' | 'internal' | 'patch' | 'tunnel' | 'other';
  /** OpenFlow's number of it; null: it has none. */
  readonly number: number | null;
  readonly mode: 'access' | 'trunk' | 'native-tagged' | 'native-untagged';
  readonly tag: number | null;
  /** Empty: all VLANs. */
  readonly trunks: readonly number[];
}

/** OFPP_LOCAL: the number of a bridge's own port. */
export const LOCAL_PORT = 65534;

const prefix = (word: string, value: string | null): readonly string[] =>
  value === null ? [] : [word, value];

/** `ovs-vsctl …` for the database of a bridge. */
export const vsctl = (bridge: OvsAddress, words: readonly string[]): readonly string[] => [
  'ovs-vsctl',
  ...(bridge.database === null ? [] : [`--db=${bridge.database}`]),
  ...words,
];

/** `ovs-ofctl COMMAND BRIDGE …`. */
export const ofctl = (
  bridge: OvsBridge,
  options: readonly string[],
  command: string,
  words: readonly string[] = [],
): readonly string[] => [
  'ovs-ofctl',
  ...prefix('-O', bridge.protocol ?? null),
  ...options,
  command,
  bridge.management ?? bridge.name,
  ...words,
];

/** The command that tells what a bridge does with a packet. */
export const ofprotoTrace = (bridge: OvsBridge, packet: string): readonly string[] => [
  'ovs-appctl',
  ...prefix('-t', bridge.control),
  'ofproto/trace',
  bridge.name,
  packet,
];
