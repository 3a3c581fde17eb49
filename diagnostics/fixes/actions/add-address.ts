import type { NamespaceId } from '../../model/ids.ts';
import type { Address } from '../../model/link.ts';
import { exec, type ActionKind } from '../action.ts';
import { forgetFailedNeighbours } from '../patch.ts';
import { isLinkLocal } from '../../simulate/route/source-selection.ts';
import { readdress } from '../readdress.ts';

/** Gives an interface an address. */
export interface AddAddress {
  readonly kind: 'add-address';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly address: string;
  readonly length: number;
}

export const addAddress: ActionKind<AddAddress> = {
  steps: ({ namespace, dev, address, length }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'address', 'add', `${address}/${length}`, 'dev', dev]),
  ],
  undo: ({ namespace, dev, address, length }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'address', 'del', `${address}/${length}`, 'dev', dev]),
  ],
  change: ({ namespace, dev, address, length }, snapshot) =>
    forgetFailedNeighbours(
      readdress(snapshot, namespace, dev, (addresses) => [...addresses, newAddress(address, length)]),
    ),
  text: {
    en: ({ dev, address, length }, where) => ({
      title: `Give ${dev} in ${where} the address ${address}/${length}`,
      permanent: `Write the address into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, address, length }, where) => ({
      title: `给 ${where} 的 ${dev} 配上地址 ${address}/${length}`,
      permanent: `把这个地址写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects: [],
    }),
  },
};

export const newAddress = (address: string, length: number): Address => ({
  family: address.includes(':') ? 6 : 4,
  address,
  length,
  scope: isLinkLocal(address) ? 'link' : 'global',
  flags: [],
});
