import type { Link } from '../../model/link.ts';
import type { Checksum, DevicePlace, Packet } from '../../model/packet.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../../model/snapshot.ts';
import { blocked, ended, withDoubts, withSteps, type Journey, type Next } from '../journey.ts';
import { sysctlNumber } from '../sysctl.ts';
import type { View } from '../view.ts';

/** tcp_v4_send_check(), udp_send_skb(): what a socket sends leaves the checksum to the device. ICMP's is made at once. */
export const leftUnfinished = (packet: Packet): Packet =>
  packet.protocol === 'icmp' ? packet : { ...packet, checksum: { through: [] } };

/** skb_checksum_help(): before a packet is cut into pieces. A wrong one stays wrong. */
export const finished = (packet: Packet): Packet =>
  packet.checksum && !packet.checksum.broken ? { ...packet, checksum: null } : packet;

/**
 * validate_xmit_skb(): a device finishes the checksum, unless it says that it does so itself; virtual ones say so and pass the
 * packet on as it is. Whether this one says so is looked up where it matters.
 */
export function leftBy(journey: Journey, namespace: string, { name, kind, index }: Link): Journey {
  const { packet } = journey;
  const { checksum } = packet;
  // A port that is a switch's own invention (a patch) is no device.
  if (!checksum || checksum.broken || index < 0) return journey;
  // A bridge's own interface says so only of packets that no tunnel made (dev->hw_enc_features).
  if (checksum.inner && kind.type === 'bridge') return { ...journey, packet: finished(packet) };
  const through = [...checksum.through, { namespace, dev: name }];
  return { ...journey, packet: { ...packet, checksum: { ...checksum, through } } };
}

type Finish = 'yes' | 'no' | { readonly unread: MissingFact } | { readonly unknown: string };

/** Whether a device finishes the checksums of a family's packets. */
function finishes(snapshot: Snapshot, { namespace, dev }: DevicePlace, family: 4 | 6): Finish {
  const fact = findNamespace(snapshot, namespace)?.facts.offloads;
  switch (fact?.state) {
    case 'known': {
      const own = fact.value.find((one) => one.dev === dev);
      return own?.checksums.includes(family) ? 'no' : 'yes';
    }
    case 'unread':
      return { unread: { namespace, fact: 'offloads' } };
    default:
      return {
        unknown: `whether ${dev} finishes checksums before a program takes its packets as they are is not known: ethtool -k ${dev} tells (tx-checksumming)`,
      };
  }
}

/** A program reads the frame from a packet socket, and sends it on as it is: nobody finishes its checksum any more. */
export function takenByProgram(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { port, finishing }: { readonly port: Link; readonly finishing: boolean },
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  const { packet } = journey;
  const { checksum } = packet;
  if (!checksum || checksum.broken) return then(journey);
  const finish = checksum.through.map((one) => finishes(snapshot, one, packet.family));
  const by = checksum.through.at(-1);
  if (!by || finish.includes('yes')) return then({ ...journey, packet: finished(packet) });
  const missing = finish.flatMap((one) => (typeof one === 'object' && 'unread' in one ? [one.unread] : []));
  if (missing.length > 0)
    return [blocked(journey, `whether a device finished the checksum was not looked at yet`, missing)];
  const unknown = finish.flatMap((one) => (typeof one === 'object' && 'unknown' in one ? [one.unknown] : []));
  if (unknown.length > 0) return then(withDoubts({ ...journey, packet: finished(packet) }, unknown));
  // Then it asks the kernel what is unfinished (PACKET_VNET_HDR).
  if (finishing)
    return then(
      withDoubts({ ...journey, packet: finished(packet) }, [
        'Open vSwitch finishes checksums itself only if it was started after userspace-tso-enable was set: its log tells',
      ]),
    );
  const broken = { by, at: { namespace: view.id, dev: port.name } };
  return then({ ...journey, packet: { ...packet, checksum: { ...checksum, broken } } });
}

type Broken = NonNullable<Checksum['broken']>;

/** What makes the checksum wrong that is looked at outside of a tunnel; null: it is right. */
export const wrongChecksum = ({ checksum, tunnel }: Packet): Broken | null =>
  tunnel?.summed === false ? null : (checksum?.broken ?? null);

/** nf_conntrack_in(): a packet that comes in with a wrong checksum belongs to no connection, where conntrack verifies. */
export const isInvalid = (view: View, { packet }: Journey): boolean =>
  wrongChecksum(packet) !== null && sysctlNumber(view, 'net/netfilter/nf_conntrack_checksum', 1) !== 0;

/** tcp_v4_rcv(), __udp4_lib_rcv(): counted as InCsumErrors, and thrown away without a word. */
export function thrownAway(journey: Journey, dev: string): readonly Next[] | null {
  const broken = wrongChecksum(journey.packet);
  return broken ? [ended(withSteps(journey, { kind: 'checksum', dev, ...broken }), 'dropped')] : null;
}

/**
 * What a tunnel's own packet has of its own and of what is in it (iptunnel_handle_offloads(), udp_set_csum()): only one
 * checksum is ever left to a device.
 */
export const aroundTunnelled = (inner: Packet, summed: boolean): Pick<Packet, 'checksum'> => {
  if (inner.checksum) return { checksum: { ...inner.checksum, inner: true } };
  return summed ? { checksum: { through: [] } } : {};
};

/** The packet as it comes out of a tunnel again. */
export function outOfTunnel(inner: Packet, { checksum }: Packet): Packet {
  if (!inner.checksum) return inner;
  if (!checksum?.inner) return { ...inner, checksum: null };
  const { through, broken } = checksum;
  const mark = inner.checksum.inner ? { inner: true as const } : {};
  return { ...inner, checksum: { ...mark, through, ...(broken ? { broken } : {}) } };
}
