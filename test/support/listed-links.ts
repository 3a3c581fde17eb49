import { parseLinks } from '../../diagnostics/collect/links.ts';
import { known } from '../../diagnostics/model/fact.ts';
import type { Link } from '../../diagnostics/model/link.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { withFacts } from '../../diagnostics/model/snapshot.ts';
import { idOf } from './sketch-links.ts';

/** One interface of `ip -d -j link show`, as iproute2 prints it; `ifname` is that of the one sketched in its place. */
export type Listed = Readonly<Record<string, unknown>> & { readonly ifname: string };

/** Interfaces of a sketch as a listing has them: their kind, flags and sizes are the listing's, their addresses the sketch's. */
export function withListed(
  sketch: Snapshot,
  listings: Readonly<Record<string, readonly Listed[]>>,
  more: (link: Link) => Link = (link) => link,
): Snapshot {
  return Object.entries(listings).reduce((snapshot, [name, records]) => {
    const links = snapshot.namespaces.find(({ id }) => id === idOf(name))?.facts.links;
    if (links?.state !== 'known') throw new Error(`no namespace ${name}`);
    const all = links.value.map((link) => ({
      ifindex: link.index,
      ifname: link.name,
      ...records.find(({ ifname }) => ifname === link.name),
    }));
    const parsed = parseLinks(all, idOf(name), () => null);
    const value = links.value.map((link) => {
      const own = parsed.find((one) => one.name === link.name);
      return own && records.some(({ ifname }) => ifname === link.name)
        ? more({ ...own, addresses: link.addresses })
        : link;
    });
    return withFacts(snapshot, idOf(name), (facts) => ({ ...facts, links: known(value) }));
  }, sketch);
}

/** A point-to-point tunnel of whole packets, up. */
export const pointToPoint = (
  ifname: string,
  info_kind: string,
  info_data: Readonly<Record<string, unknown>>,
  mtu: number,
): Listed => ({
  ifname,
  flags: ['POINTOPOINT', 'NOARP', 'UP', 'LOWER_UP'],
  mtu,
  qdisc: 'noqueue',
  operstate: 'UNKNOWN',
  group: 'default',
  link_type: info_kind === 'wireguard' ? 'none' : info_kind,
  promiscuity: 0,
  linkinfo: { info_kind, info_data },
});

/** A tunnel of Ethernet's frames, up. */
export const ethernetTunnel = (
  ifname: string,
  info_kind: string,
  info_data: Readonly<Record<string, unknown>>,
  mtu: number,
  address: string,
): Listed => ({
  ifname,
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
  mtu,
  link_type: 'ether',
  address,
  promiscuity: 0,
  linkinfo: { info_kind, info_data },
});
