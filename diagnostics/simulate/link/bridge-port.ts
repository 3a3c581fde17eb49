import { portsOf, type Link } from '../../model/link.ts';
import { familyOf, sameAddress } from '../../model/ip.ts';
import type { FdbEntry } from '../../model/route.ts';
import type { Step } from '../../model/trace.ts';
import type { Frame } from '../journey.ts';
import type { Cast } from './group-address.ts';

/** What a bridge has against passing a frame on. */
export type BridgeProblem = NonNullable<Extract<Step, { kind: 'bridge' }>['problem']>;

/** Why a bridge does not send a frame out by a port (should_deliver() of net/bridge/br_forward.c). */
export function egressProblem(
  inPort: Link | null,
  outPort: Link,
): 'port-not-forwarding' | 'isolated' | 'hairpin-off' | null {
  if (inPort?.index === outPort.index && outPort.port?.hairpin !== true) return 'hairpin-off';
  if (outPort.port && outPort.port.state !== 'forwarding') return 'port-not-forwarding';
  if (inPort?.port?.isolated === true && outPort.port?.isolated === true) return 'isolated';
  return null;
}

/** br_flood(): a port may be spared what is for many, unless the bridge's own stack says it. */
export function excepted(cast: Cast, { port }: Link): 'not-broadcast' | 'not-multicast' | null {
  if (cast === 'broadcast') return port?.broadcastFlood === false ? 'not-broadcast' : null;
  return port?.multicastFlood === false ? 'not-multicast' : null;
}

/** br_fdb_update(): whether a bridge remembers who is heard by a port. */
export const learnsBy = ({ kind }: Link, { port }: Link): boolean =>
  port?.learning === true && !(kind.type === 'bridge' && kind.forgets === true);

/** br_flood(): whether what the bridge cannot place leaves by a port too; one that the bridge answers for is spared everything. */
export const isTried = ({ port }: Link): boolean => port?.flood !== false && port?.proxyArp !== true;

/** br_handle_frame_finish(): where somebody asks who has joined groups, a bridge sends those of that family nowhere else. */
export const sendsToJoined = ({ kind }: Link, group: string | null): group is string =>
  group !== null && kind.type === 'bridge' && kind.snoops?.includes(familyOf(group) ?? 4) === true;

/** br_multicast_flood(): by this port (of the bridge itself: to its own stack), to who has joined and to routers of multicasts. */
export const isWanted = ({ joined, kind }: Link, group: string, vlan: number | null): boolean =>
  joined?.router === true ||
  (kind.type === 'bridge' && kind.routesGroups === true) ||
  joined?.groups.some(
    (one) =>
      sameAddress(one.address, group) && (vlan === null || one.vlan === undefined || one.vlan === vlan),
  ) === true;

/** Whether an entry is the bridge's: a tunnel's own have no master. */
export const isBridgeEntry = (entry: FdbEntry, bridge: Link): boolean => entry.master === bridge.name;

/**
 * Whose address it is, as a bridge's table has it (BR_FDB_LOCAL, which `bridge fdb add` makes unless it is told `static`): a port's; null: the
 * bridge's own; undefined: neither's. Of several that have it, the table knows the first alone (fdb_add_local()).
 */
export function holderOf(
  links: readonly Link[],
  bridge: Link,
  fdb: readonly FdbEntry[],
  mac: string,
): Link | null | undefined {
  const entry = fdb.find((one) => one.mac === mac && one.state === 'permanent' && isBridgeEntry(one, bridge));
  const holder = entry
    ? links.find(({ name }) => name === entry.dev)
    : [...portsOf(links, bridge), bridge].find((link) => link.mac === mac);
  return holder === bridge ? null : holder;
}

/** br_handle_frame_finish(): a locked port lets only those in whom the table has on it. */
export const isLockedOut = (
  fdb: readonly FdbEntry[],
  bridge: Link,
  inPort: Link | null,
  source: string | null,
): boolean =>
  inPort?.port?.locked === true &&
  !fdb.some(
    (entry) =>
      isBridgeEntry(entry, bridge) &&
      entry.dev === inPort.name &&
      entry.mac === source &&
      entry.state !== 'permanent',
  );

/** What a VLAN-aware bridge makes of a frame as it comes in. */
export type Admission = { readonly vlan: number | null } | 'refused';

/** br_allowed_ingress() of net/bridge/br_vlan.c; `vlan` null: the bridge does not look at tags. */
export function admitted(bridge: Link, port: Link, tag: number | null): Admission {
  if (bridge.kind.type !== 'bridge' || !bridge.kind.vlanFiltering) return { vlan: null };
  const vlans = port.vlans ?? [];
  const own = tag === null || tag === 0 ? vlans.find(({ pvid }) => pvid)?.id : tag;
  return own !== undefined && vlans.some(({ id }) => id === own) ? { vlan: own } : 'refused';
}

/** br_allowed_egress() and br_handle_vlan(): the tag that a frame of a VLAN leaves a port with. */
export function leavesAs(
  port: Link,
  vlan: number | null,
  tag: number | null,
): { readonly tag: number | null } | 'refused' {
  if (vlan === null) return { tag };
  const own = port.vlans?.find(({ id }) => id === vlan);
  return own ? { tag: own.untagged ? null : vlan } : 'refused';
}

/** The disposition of a frame that a bridge does not pass on. */
export const bridgeDisposition = (problem: BridgeProblem): 'filtered-source' | 'link-down' =>
  problem === 'bridge-down' || problem === 'port-not-forwarding' ? 'link-down' : 'filtered-source';

/** The frame with another VLAN tag, or without one. */
export const withTag = ({ source, destination, fresh, path, group }: Frame, tag: number | null): Frame => ({
  source,
  destination,
  fresh,
  ...(path === undefined ? {} : { path }),
  ...(group === undefined ? {} : { group }),
  ...(tag === null ? {} : { vlan: tag }),
});
