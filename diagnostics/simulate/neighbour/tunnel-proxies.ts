import { sameAddress } from '../../model/ip.ts';
import type { Neighbour } from '../../model/route.ts';
import type { Crossing, Segment, Station } from '../link/station.ts';

/** NUD_CONNECTED: the states in which a tunnel speaks for a neighbour (arp_reduce(), neigh_reduce() of drivers/net/vxlan). */
const CONNECTED = new Set<Neighbour['state']>(['permanent', 'noarp', 'reachable']);

/** What tunnels answer that send no question any further. */
export const askProxies = (
  { proxies }: Segment,
  address: string,
): { readonly mac: string | null; readonly path: readonly Crossing[]; readonly silence: string | null } => {
  const open = proxies.filter(({ fault }) => fault === null);
  for (const { entries, crossed } of open) {
    const entry = entries.find(
      (one) => !one.proxy && CONNECTED.has(one.state) && sameAddress(one.address, address),
    );
    if (entry?.mac !== undefined) return { mac: entry.mac, path: crossed, silence: null };
  }
  const [first] = open;
  return {
    mac: null,
    path: [],
    silence: first
      ? `the tunnel ${first.link.name} answers for everybody behind it, and has no entry for ${address}`
      : null,
  };
};

/** arp_reduce() of drivers/net/vxlan: whatever ARP says through a tunnel that speaks for others ends there, answers too. */
export const keptByTunnel = ({ crossed }: Station): string | null => {
  const speaks = crossed.find(
    (one) => one.type === 'tunnel' && one.far.link.kind.type === 'vxlan' && one.far.link.kind.proxy,
  );
  return speaks?.type === 'tunnel'
    ? `the tunnel ${speaks.far.link.name} at the other end speaks for others (proxy) and lets no answer of ARP out`
    : null;
};
