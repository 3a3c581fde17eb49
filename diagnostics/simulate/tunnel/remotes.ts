import { familyOf, formatAddress, parseAddress, prefixContains, sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import type { WireguardPeer } from '../../model/wireguard.ts';
import { snoopedIn, type Frame, type Journey } from '../journey.ts';
import { segmentOf } from '../link/segment.ts';
import {
  carriesFrames,
  entriesFor,
  fixedRemote,
  isVxlan,
  remoteOf,
  type Remote,
  type TunnelEnd,
  type VxlanEnd,
} from './tunnels.ts';
import type { View } from '../view.ts';

type TunnelProblem = NonNullable<Extract<Step, { kind: 'tunnel' }>['problem']>;

/** Where a tunnel sends a frame, or why it does not. */
export type Choice =
  | {
      readonly type: 'remotes';
      readonly remotes: readonly Remote[];
      /** By an entry for this very hardware address. */
      readonly own: boolean;
    }
  | { readonly type: 'nowhere'; readonly problem: TunnelProblem }
  | { readonly type: 'unknown'; readonly reason: string };

/** The remotes for a frame, and for the packet in it. */
export function chooseRemotes(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  end: TunnelEnd,
  frame: Frame,
): Choice {
  const { kind, link } = end;
  if (kind.external)
    return {
      type: 'unknown',
      reason: `where ${link.name} of ${view.label} sends a packet is said by a program`,
    };
  if (isVxlan(end)) return fromTable(snapshot, view, journey, end, frame);
  if (kind.type !== 'tunnel') return { type: 'nowhere', problem: 'no-entry' };
  if (kind.unmodelled)
    return {
      type: 'unknown',
      reason: `what the tunnel ${link.name} of ${view.label} does (${kind.unmodelled.join(', ')}) is not modelled`,
    };
  const { packet } = journey;
  if (!carriesFrames(end) && kind.carries !== undefined && kind.carries !== packet.family)
    return { type: 'nowhere', problem: 'other-family' };
  if (end.word === 'wireguard') return byAllowedAddress(view, journey, end);
  const remote = fixedRemote(snapshot, end) ?? fixedRemote(snapshot, end, byNextHop(view, journey, end));
  return remote
    ? { type: 'remotes', remotes: [remote], own: false }
    : { type: 'nowhere', problem: 'no-entry' };
}

/** vxlan_find_mac(): what was written stays, then what was seen just now, then what was seen before, then the default. */
const fromTable = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  end: VxlanEnd,
  { destination, group }: Frame,
): Choice => {
  const unreadable = view.unreadable.get('fdb');
  if (unreadable !== undefined) return { type: 'unknown', reason: unreadable };
  const { link } = end;
  const { entries, own } = entriesFor(view.fdb, link, group ?? destination);
  const written = own && entries.some(({ state }) => state !== 'learned');
  const seen = snoopedIn(journey, view.id).filter(
    ({ dev, mac }) => dev === link.name && mac === (group ?? destination),
  );
  const chosen = !written && seen.length > 0 ? seen : entries;
  return chosen.length === 0
    ? { type: 'nowhere', problem: 'no-entry' }
    : {
        type: 'remotes',
        remotes: chosen.map((entry) => remoteOf(snapshot, end, entry)),
        own: own || seen.length > 0,
      };
};

/** Of several that all get a frame, those where somebody takes it. */
export function leadingRemotes(
  snapshot: Snapshot,
  view: View,
  end: TunnelEnd,
  choice: Choice,
  { destination }: Frame,
): Choice {
  if (choice.type !== 'remotes' || choice.own || choice.remotes.length < 2) return choice;
  const { remotes } = choice;
  const { link } = end;
  const leading = segmentOf(snapshot, view.id, link)
    .stations.filter(({ macs }) => destination !== null && macs.includes(destination))
    .flatMap(({ crossed }) => crossed)
    .flatMap((one) =>
      one.type === 'tunnel' && one.namespace === view.id && one.link.index === link.index ? [one.remote] : [],
    );
  const those = remotes.filter(({ address }) => leading.includes(address));
  return { type: 'remotes', remotes: those.length > 0 ? those : remotes.slice(0, 1), own: false };
}

const PREFIX_6TO4 = { address: '2002::', length: 16 };
const COMPATIBLE = { address: '::', length: 96 };

/** The four bytes of an IPv4 address in one of IPv6, so many bits from its end. */
const embedded = (address: string, shift: bigint): string | undefined => {
  const parsed = parseAddress(address);
  return parsed ? formatAddress({ family: 4, value: (parsed.value >> shift) & 0xffffffffn }) : undefined;
};

/**
 * A tunnel without a remote sends each packet to whom its next hop says (ip_tunnel_xmit(), ipip6_tunnel_xmit()); GRE asks the table
 * of neighbours (`ip neighbour add … lladdr 192.0.2.1`).
 */
function byNextHop(view: View, { packet, hops }: Journey, { word, link }: TunnelEnd): string | undefined {
  const route = hops.at(-1)?.steps.findLast((step) => step.kind === 'route');
  const next = (route?.kind === 'route' ? route.via : undefined) ?? packet.destination;
  switch (word) {
    case 'ipip':
      return packet.family === 4 ? next : undefined;
    case 'sit':
      if (packet.family === 4) return next;
      if (prefixContains(PREFIX_6TO4, packet.destination)) return embedded(packet.destination, 80n);
      return prefixContains(COMPATIBLE, next) ? embedded(next, 0n) : undefined;
    case 'gre':
    case 'ip6gre': {
      const entry = view.neighbours.find(
        (one) => one.dev === link.name && !one.proxy && sameAddress(one.address, next),
      );
      return entry?.mac !== undefined && familyOf(entry.mac) !== null ? entry.mac : undefined;
    }
    default:
      return undefined;
  }
}

/** wg_allowedips_lookup_dst(): of all peers' prefixes, the longest that has the destination in it. */
export const peerFor = (peers: readonly WireguardPeer[], address: string): WireguardPeer | undefined =>
  peers
    .flatMap((peer) =>
      peer.allowed
        .filter((prefix) => prefixContains(prefix, address))
        .map(({ length }) => ({ peer, length })),
    )
    .reduce<{ readonly peer: WireguardPeer; readonly length: number } | undefined>(
      (best, one) => (best && best.length >= one.length ? best : one),
      undefined,
    )?.peer;

/** wg_xmit(): to the peer that is allowed the destination, at its endpoint: the one it was last heard from. */
function byAllowedAddress(view: View, journey: Journey, end: TunnelEnd): Choice {
  const fact = end.kind.type === 'tunnel' ? end.kind.wireguard : undefined;
  if (fact?.state !== 'known')
    return {
      type: 'unknown',
      reason: `the peers of ${end.link.name} of ${view.label} are not known: wg show tells${fact?.state === 'denied' ? ` (${fact.reason})` : ''}`,
    };
  const packet: Packet = journey.packet;
  const peer = peerFor(fact.value.peers, packet.destination);
  if (!peer) return { type: 'nowhere', problem: 'no-peer' };
  const heard = snoopedIn(journey, view.id).find(
    ({ dev, mac }) => dev === end.link.name && mac === peer.publicKey,
  );
  const endpoint =
    heard?.remote !== undefined && heard.remotePort !== undefined
      ? { address: heard.remote, port: heard.remotePort }
      : peer.endpoint;
  return endpoint
    ? {
        type: 'remotes',
        own: false,
        remotes: [{ ...endpoint, id: null, device: null, peer: peer.publicKey }],
      }
    : { type: 'nowhere', problem: 'no-endpoint' };
}
