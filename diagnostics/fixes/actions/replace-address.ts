import type { NamespaceId } from '../../model/ids.ts';
import { familyOf, sameAddress } from '../../model/ip.ts';
import type { Address } from '../../model/link.ts';
import { exec, type ActionKind } from '../action.ts';
import { forgetFailedNeighbours } from '../patch.ts';
import { readdress } from '../readdress.ts';
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
    const isOld = (own: Address): boolean => sameAddress(own.address, address) && own.length === from;
    const fresh = newAddress(address, to);
    // In the order in which the kernel does it: between the two steps it may have both, or neither.
    const [first, second] =
      familyOf(address) === 6 ? [without(isOld), plus(fresh)] : [plus(fresh), without(isOld)];
    return forgetFailedNeighbours(
      readdress(readdress(snapshot, namespace, dev, first), namespace, dev, second),
    );
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

const plus =
  (fresh: Address) =>
  (addresses: readonly Address[]): readonly Address[] => [...addresses, fresh];

const without =
  (isOld: (own: Address) => boolean) =>
  (addresses: readonly Address[]): readonly Address[] =>
    addresses.filter((own) => !isOld(own));
