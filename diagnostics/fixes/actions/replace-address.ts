import type { NamespaceId } from '../../model/ids.ts';
import { familyOf, sameAddress } from '../../model/ip.ts';
import { exec, type ActionKind } from '../action.ts';
import {
  addressRoutes,
  changeLink,
  changeRoutes,
  forgetFailedNeighbours,
  linkNamed,
  mergeRoutes,
  routeTarget,
} from '../patch.ts';
import { newAddress } from './add-address.ts';

/** Changes the prefix length of an address. */
export interface ReplaceAddress {
  readonly kind: 'replace-address';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly address: string;
  readonly from: number;
  readonly to: number;
}

export const replaceAddress: ActionKind<ReplaceAddress> = {
  // The new one first: while one of the two is there, routes that need the address stay. IPv6 has an address only once.
  steps: (action, snapshot) => change(action, snapshot, action.from, action.to),
  undo: (action, snapshot) => change(action, snapshot, action.to, action.from),
  change({ namespace, dev, address, from, to }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    const old = link?.addresses.find((it) => sameAddress(it.address, address) && it.length === from);
    if (!link || !old) return snapshot;
    const fresh = newAddress(address, to);
    const addressed = changeLink(
      snapshot,
      namespace,
      ({ name }) => name === dev,
      (it) => ({ ...it, addresses: it.addresses.map((one) => (one === old ? fresh : one)) }),
    );
    const obsolete = new Set(addressRoutes(link, old).map((route) => key(route)));
    const routed = changeRoutes(addressed, namespace, (routes) =>
      mergeRoutes(
        routes.filter((route) => route.protocol !== 'kernel' || !obsolete.has(key(route))),
        link.up ? addressRoutes(link, fresh) : [],
      ),
    );
    return forgetFailedNeighbours(routed);
  },
  text: {
    en: ({ dev, address, from, to }, where) => ({
      title: `Correct the prefix of ${address} on ${dev} in ${where}: /${to} instead of /${from}`,
      permanent: `Correct the prefix length in the network configuration of ${where}, or in the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, address, from, to }, where) => ({
      title: `改正 ${where} 中 ${dev} 上 ${address} 的前缀长度：用 /${to}，不是 /${from}`,
      permanent: `在 ${where} 的网络配置或创建它的脚本中改正前缀长度。`,
      sideEffects: [],
    }),
  },
};

const change = (
  { namespace, dev, address }: ReplaceAddress,
  snapshot: Parameters<typeof exec>[0],
  from: number,
  to: number,
) => {
  const steps = [
    exec(snapshot, namespace, ['ip', 'address', 'add', `${address}/${to}`, 'dev', dev]),
    exec(snapshot, namespace, ['ip', 'address', 'del', `${address}/${from}`, 'dev', dev]),
  ];
  return familyOf(address) === 6 ? steps.reverse() : steps;
};

const key = (route: { type: string; destination: { address: string; length: number } }): string =>
  `${route.type} ${routeTarget(route.destination)}`;
