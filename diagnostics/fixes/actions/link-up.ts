import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import {
  addressRoutes,
  changeLink,
  changeRoutes,
  forgetFailedNeighbours,
  linkNamed,
  linksOf,
  mergeRoutes,
  refreshBridges,
} from '../patch.ts';

/** Brings an interface up. */
export interface LinkUp {
  readonly kind: 'link-up';
  readonly namespace: NamespaceId;
  readonly dev: string;
}

export const linkUp: ActionKind<LinkUp> = {
  steps: ({ namespace, dev }, snapshot) => [exec(snapshot, namespace, ['ip', 'link', 'set', dev, 'up'])],
  undo: ({ namespace, dev }, snapshot) => [exec(snapshot, namespace, ['ip', 'link', 'set', dev, 'down'])],
  change(action, snapshot) {
    const found = linkNamed(snapshot, action.namespace, action.dev);
    if (!found) return snapshot;
    const link = withLoopbackAddresses(found);
    const { peer } = link;
    const places = [action.namespace, ...(peer?.namespace ? [peer.namespace] : [])];
    return forgetFailedNeighbours(places.reduce(refreshBridges, bringUp(action, link, snapshot)));
  },
  text: {
    en: ({ dev }, where) => ({
      title: `Bring up ${dev} in ${where}`,
      permanent: `Set ${dev} to come up by itself in the network configuration of ${where} (netplan, systemd-networkd, /etc/network/interfaces, or the script that makes it).`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev }, where) => ({
      title: `在 ${where} 中启用接口 ${dev}`,
      permanent: `在 ${where} 的网络配置（netplan、systemd-networkd、/etc/network/interfaces 或创建它的脚本）中让 ${dev} 自动启用。`,
      sideEffects: [],
    }),
  },
};

/** The first time that it comes up, a loopback gets its addresses (inetdev_event(), init_loopback()). */
const withLoopbackAddresses = (link: Link): Link => {
  const add = (family: 4 | 6, address: string, length: number): Link['addresses'] =>
    link.addresses.some((own) => own.family === family)
      ? []
      : [{ family, address, length, scope: 'host', flags: [] }];
  return link.kind.type === 'loopback'
    ? { ...link, addresses: [...link.addresses, ...add(4, '127.0.0.1', 8), ...add(6, '::1', 128)] }
    : link;
};

function bringUp({ namespace, dev }: LinkUp, link: Link, snapshot: Snapshot): Snapshot {
  const { peer } = link;
  const other = peer?.namespace
    ? linksOf(snapshot, peer.namespace).find(({ index }) => index === peer.index)
    : undefined;
  const paired = link.kind.type === 'veth';
  const carrier = paired ? other?.up === true : true;
  let next = changeLink(
    snapshot,
    namespace,
    ({ name }) => name === dev,
    (it) => withCarrier({ ...it, up: true, addresses: link.addresses }, carrier),
  );
  next = changeRoutes(next, namespace, (routes) =>
    mergeRoutes(
      routes.map((route) => ({
        ...route,
        nextHops: route.nextHops.map((hop) => (hop.dev === dev ? { ...hop, flags: alive(hop.flags) } : hop)),
      })),
      link.addresses.flatMap((address) => addressRoutes(link, address)),
    ),
  );
  // A bridge that is down keeps its ports out of service (br_stp_disable_bridge).
  if (link.kind.type === 'bridge')
    return changeLink(
      next,
      namespace,
      ({ master }) => master === link.index,
      (port) => withCarrier(port, port.up && port.carrier),
    );
  const peerNamespace = peer?.namespace;
  if (!paired || !carrier || !peerNamespace || other === undefined) return next;
  next = changeLink(
    next,
    peerNamespace,
    ({ index }) => index === other.index,
    (it) => withCarrier(it, true),
  );
  return changeRoutes(next, peerNamespace, (routes) =>
    routes.map((route) => ({
      ...route,
      nextHops: route.nextHops.map((hop) =>
        hop.dev === other.name ? { ...hop, flags: alive(hop.flags) } : hop,
      ),
    })),
  );
}

/** A bridge port without a carrier is disabled; with one (and without STP) it forwards at once. */
const withCarrier = (link: Link, carrier: boolean): Link => ({
  ...link,
  carrier,
  ...(link.port ? { port: { ...link.port, state: carrier ? 'forwarding' : 'disabled' } } : {}),
});

const alive = (flags: readonly string[]): readonly string[] =>
  flags.filter((flag) => flag !== 'linkdown' && flag !== 'dead');
