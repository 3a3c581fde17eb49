import { sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import { blocked, ended, enter, withSteps, type Journey, type Next } from '../journey.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import { tunnelEnds, unseenLinks, wireguardOf, type TunnelEnd } from './tunnels.ts';
import type { View } from '../view.ts';

type TunnelProblem = NonNullable<Extract<Step, { kind: 'tunnel' }>['problem']>;

/** The interface that takes out what is in a tunnel's packet, or why none of those that are here does. */
type Taking =
  | { readonly type: 'taken'; readonly by: TunnelEnd }
  | { readonly type: 'not-taken'; readonly problem: TunnelProblem; readonly nearest: TunnelEnd }
  | { readonly type: 'unknown'; readonly reason: string }
  | { readonly type: 'nobody' };

/**
 * vxlan_rcv(), geneve_udp_encap_recv(), wg_receive(): the kernel's own socket on the port gives the frame to the interface with the
 * number; ip_tunnel_lookup() goes by both addresses and the key. Whatever no tunnel takes goes on to `socket`.
 */
export function decapsulate(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  socket: () => readonly Next[],
): readonly Next[] {
  const { packet } = journey;
  const { source, tunnel } = packet;
  const kin = tunnelEnds(snapshot).filter(
    (end) => end.underlay === view.id && wordsTaking(packet).includes(end.word),
  );
  const taking = takingOf(
    kin.filter(({ link }) => link.up),
    packet,
  );
  const step = (end: TunnelEnd, id: number | null, problem?: TunnelProblem): Step => ({
    kind: 'tunnel',
    dev: end.link.name,
    tunnel: end.word,
    id,
    remote: source,
    ...(problem === undefined ? {} : { problem }),
  });
  if (taking.type === 'unknown') return [blocked(journey, taking.reason, [])];
  if (taking.type === 'taken') {
    const { by } = taking;
    const decapsulated = { namespace: by.namespace, link: by.link.index, from: source };
    return [ended(withSteps(journey, step(by, by.takes)), 'delivered', { decapsulated })];
  }
  const down = takingOf(
    kin.filter(({ link }) => !link.up && !FALLBACK.has(link.name)),
    packet,
  );
  if (down.type === 'taken') {
    const { namespace, link } = down.by;
    const there = namespace === view.id ? journey : enter(journey, namespace, link.name);
    return [ended(withSteps(there, { kind: 'receive', dev: link.name, problem: 'down' }), 'link-down')];
  }
  // The interface may have been moved to a namespace that nobody has looked at.
  const unseen = unseenLinks(snapshot);
  if (unseen.length > 0)
    return [
      blocked(journey, `which interface of ${view.label} takes the tunnel's packet is not known yet`, unseen),
    ];
  if (taking.type === 'not-taken') {
    const stepped = withSteps(journey, step(taking.nearest, tunnel?.id ?? null, taking.problem));
    // ipgre_rcv() and tunnel4_rcv() say so; those that have a socket are silent.
    return packet.protocol === 'udp' || taking.problem === 'other-options'
      ? [ended(stepped, 'dropped')]
      : [ended(stepped, 'refused', unreachable(packet))];
  }
  return packet.protocol === 'udp'
    ? socket()
    : [
        ended(
          withSteps(journey, { kind: 'deliver', socket: null, accepted: false }),
          'refused',
          unreachable(packet),
        ),
      ];
}

const unreachable = ({ family }: Packet) =>
  ({ answer: { kind: 'icmp', ...ICMP[family].portUnreachable, speaks: 'destination' } }) as const;

/** Interfaces that come with a module, and take what no other does where somebody sets them up. */
const FALLBACK: ReadonlySet<string> = new Set([
  ...['tunl0', 'sit0', 'gre0', 'gretap0', 'ip6tnl0', 'ip6gre0'],
]);

/** Kinds whose tables a tunnel's packet is looked up in. */
function wordsTaking({ family, protocol, tunnel }: Packet): readonly TunnelEnd['word'][] {
  const frames = tunnel?.inside === 'frame';
  switch (protocol) {
    case 'ipip':
      return family === 4 ? ['ipip', 'sit'] : ['ip6tnl'];
    case 'ipv6':
      return family === 4 ? ['sit'] : ['ip6tnl'];
    case 'gre':
      if (family === 4) return [frames ? 'gretap' : 'gre'];
      return [frames ? 'ip6gretap' : 'ip6gre'];
    default:
      return tunnel ? [tunnel.kind] : [];
  }
}

function takingOf(ends: readonly TunnelEnd[], packet: Packet): Taking {
  const { tunnel, destinationPort, protocol } = packet;
  if (!tunnel) return { type: 'nobody' };
  if (protocol !== 'udp') return byAddresses(ends, packet);
  if (tunnel.kind === 'wireguard') return byKey(ends, packet);
  const here = ends.filter(({ port }) => port === destinationPort);
  const numbered = here.filter(({ takes }) => takes === tunnel.id);
  const by =
    numbered.find((end) => tunnel.kind === 'vxlan' || isFrom(end, packet)) ??
    here.find(({ kind }) => kind.external === true);
  const [nearest] = [...numbered, ...here];
  if (by) return { type: 'taken', by };
  return nearest
    ? { type: 'not-taken', nearest, problem: numbered.length > 0 ? 'sender-elsewhere' : 'other-id' }
    : { type: 'nobody' };
}

const isFrom = ({ kind }: TunnelEnd, { source }: Packet): boolean =>
  kind.remote !== undefined && sameAddress(kind.remote, source);

const isAt = ({ kind }: TunnelEnd, { destination }: Packet): boolean =>
  kind.local !== undefined && sameAddress(kind.local, destination);

/** ip_tunnel_lookup(), ip6_tnl_lookup(), ip6gre_tunnel_lookup(): the most exact one, then whoever takes the rest. */
function byAddresses(ends: readonly TunnelEnd[], packet: Packet): Taking {
  const { tunnel } = packet;
  const keyed = ends.filter(({ takes }) => takes === (tunnel?.id ?? null));
  const free = ({ kind }: TunnelEnd, end: 'local' | 'remote'): boolean => kind[end] === undefined;
  const isPlain = ({ kind }: TunnelEnd): boolean => kind.external !== true;
  const plain = keyed.filter(isPlain);
  const by =
    plain.find((end) => isAt(end, packet) && isFrom(end, packet)) ??
    plain.find((end) => isFrom(end, packet) && free(end, 'local')) ??
    plain.find((end) => isAt(end, packet) && free(end, 'remote')) ??
    plain.find((end) => free(end, 'local') && free(end, 'remote')) ??
    ends.find((end) => !isPlain(end)) ??
    ends.find(({ link }) => FALLBACK.has(link.name));
  if (!by) {
    const addressed = ends.find(
      (end) => (isAt(end, packet) || free(end, 'local')) && (isFrom(end, packet) || free(end, 'remote')),
    );
    const nearest = addressed ?? keyed[0] ?? ends[0];
    return nearest
      ? { type: 'not-taken', nearest, problem: addressed ? 'other-id' : 'sender-elsewhere' }
      : { type: 'nobody' };
  }
  const problem = refusedBy(by, packet);
  return problem ? { type: 'not-taken', nearest: by, problem } : { type: 'taken', by };
}

/** What ipip_rcv() and ip_tunnel_rcv() look at once the tunnel is found. */
function refusedBy({ kind }: TunnelEnd, { tunnel }: Packet): TunnelProblem | null {
  if (kind.type !== 'tunnel' || !tunnel || kind.external) return null;
  if (kind.carries !== undefined && tunnel.inside !== 'frame' && kind.carries !== tunnel.inside)
    return 'other-options';
  const wants = kind.wants ?? [];
  const counts = wants.includes('count') && !tunnel.counted;
  return tunnel.kind !== 'ip6tnl' && (wants.includes('sum') !== tunnel.summed || counts)
    ? 'other-options'
    : null;
}

/** wg_receive(): only who has the private key that it was sealed for can open it, and knows who sealed it. */
function byKey(ends: readonly TunnelEnd[], { tunnel, destinationPort }: Packet): Taking {
  const unknown = ends.find((end) => !wireguardOf(end));
  const here = ends.filter((end) => wireguardOf(end)?.port === destinationPort);
  const sealed = tunnel?.sealed;
  const by = here.find(
    (end) =>
      wireguardOf(end)?.publicKey === sealed?.for &&
      wireguardOf(end)?.peers.some(({ publicKey }) => publicKey === sealed?.by),
  );
  if (by) return { type: 'taken', by };
  if (unknown)
    return {
      type: 'unknown',
      reason: `the keys and the port of ${unknown.link.name} at the other end are not known: wg show tells`,
    };
  const [nearest] = here;
  return nearest ? { type: 'not-taken', nearest, problem: 'unknown-key' } : { type: 'nobody' };
}
