import { familyOf } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { defaultTtl } from '../answer/answer.ts';
import { aroundTunnelled, finished } from '../link/checksum.ts';
import { EPHEMERAL_PORT } from '../ip/packets.ts';
import { tunnelOverhead } from './tunnel-size.ts';
import { carriesFrames, wireguardOf, type Remote, type TunnelEnd } from './tunnels.ts';

/** The packet that carries another one to the other end of a tunnel. */
export function outerPacket(snapshot: Snapshot, inner: Packet, end: TunnelEnd, remote: Remote): Packet {
  const family = familyOf(remote.address) ?? 4;
  const { word, kind } = end;
  const sealing = wireguardOf(end);
  const udp = remote.port !== null;
  const summed = udp && (sealing !== null || (summedOver(end)?.includes(family) ?? true));
  const carried = sealing ? finished(inner) : inner;
  return {
    family,
    source: kind.local ?? (family === 6 ? '::' : '0.0.0.0'),
    destination: remote.address,
    protocol: protocolOf(end, inner),
    sourcePort: udp ? (sealing?.port ?? EPHEMERAL_PORT) : 0,
    destinationPort: remote.port ?? 0,
    mark: sealing?.mark ?? (kind.type === 'tunnel' ? kind.mark : undefined) ?? 0,
    ttl: hops(snapshot, end, inner, family),
    size: inner.size + tunnelOverhead(end, family),
    dontFragment: whole(end, inner, family),
    tunnel: {
      kind: word,
      id: remote.id,
      summed: summed || (kind.type === 'tunnel' && (kind.sends?.includes('sum') ?? false)),
      inside: carriesFrames(end) ? 'frame' : inner.family,
      ...(kind.type === 'tunnel' && kind.sends?.includes('count') ? { counted: true } : {}),
      ...(sealing?.publicKey && remote.peer !== undefined
        ? { sealed: { by: sealing.publicKey, for: remote.peer } }
        : {}),
    },
    ...aroundTunnelled(carried, summed),
  };
}

const summedOver = ({ kind }: TunnelEnd): readonly (4 | 6)[] | undefined =>
  kind.type === 'vxlan' || kind.type === 'tunnel' ? kind.checksums : undefined;

const protocolOf = ({ word }: TunnelEnd, inner: Packet): Packet['protocol'] => {
  switch (word) {
    case 'ipip':
    case 'sit':
    case 'ip6tnl':
      return inner.family === 4 ? 'ipip' : 'ipv6';
    case 'gre':
    case 'gretap':
    case 'ip6gre':
    case 'ip6gretap':
      return 'gre';
    default:
      return 'udp';
  }
};

/** Tunnels of whole packets hand on how long these live (ip_tunnel_xmit(), ip6_tnl_xmit()); others begin anew, unless they were made otherwise. */
const hops = (
  snapshot: Snapshot,
  { word, kind, underlay }: TunnelEnd,
  inner: Packet,
  family: 4 | 6,
): number => {
  const usual = defaultTtl(snapshot, underlay ?? '', family);
  if (kind.type !== 'tunnel') return kind.ttl ?? usual;
  return kind.ttl ?? (word === 'geneve' || word === 'wireguard' ? usual : inner.ttl);
};

/**
 * Whether a tunnel's packet may be fragmented. vxlan_xmit_one(), geneve_xmit_skb(): IPv4's may unless `df` says otherwise; IPv6's
 * is not its sender's own, so that ip6_fragment() refuses. ip_tunnel_xmit(): not, unless it was made so and what is in it may.
 */
const whole = ({ kind, word }: TunnelEnd, inner: Packet, family: 4 | 6): boolean => {
  if (word === 'wireguard') return false;
  if (family === 6) return true;
  const innerWhole = inner.family === 6 || inner.dontFragment;
  if (kind.type === 'vxlan' || word === 'geneve')
    return kind.df === 'set' || (kind.df === 'inherit' && innerWhole);
  return !kind.fragments || (inner.family === 4 && inner.dontFragment && !kind.ignoresDf);
};
