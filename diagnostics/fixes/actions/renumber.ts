import type { NamespaceId } from '../../model/ids.ts';
import { sameAddress } from '../../model/ip.ts';
import { exec, type ActionKind } from '../action.ts';
import {
  addressRoutes,
  changeLink,
  changeRoutes,
  forgetFailedNeighbours,
  linkNamed,
  mergeRoutes,
} from '../patch.ts';
import { newAddress } from './add-address.ts';

/** Gives an interface another address of the same network in place of one. */
export interface Renumber {
  readonly kind: 'renumber';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly from: string;
  readonly to: string;
  readonly length: number;
}

const write = (dev: string, add: string, del: string, length: number): readonly (readonly string[])[] => [
  ['ip', 'address', 'add', `${add}/${length}`, 'dev', dev],
  ['ip', 'address', 'del', `${del}/${length}`, 'dev', dev],
];

export const renumber: ActionKind<Renumber> = {
  steps: ({ namespace, dev, from, to, length }, snapshot) =>
    write(dev, to, from, length).map((argv) => exec(snapshot, namespace, argv)),
  undo: ({ namespace, dev, from, to, length }, snapshot) =>
    write(dev, from, to, length).map((argv) => exec(snapshot, namespace, argv)),
  change({ namespace, dev, from, to, length }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    const old = link?.addresses.find((own) => sameAddress(own.address, from));
    if (!link || !old) return snapshot;
    const fresh = newAddress(to, length);
    const addressed = changeLink(
      snapshot,
      namespace,
      ({ name }) => name === dev,
      (it) => ({ ...it, addresses: it.addresses.map((own) => (own === old ? fresh : own)) }),
    );
    const gone = new Set(addressRoutes(link, old).map(({ text, table }) => `${table} ${text}`));
    return forgetFailedNeighbours(
      changeRoutes(addressed, namespace, (routes) =>
        mergeRoutes(
          routes.filter(({ text, table }) => !gone.has(`${table} ${text}`) && !isLocal(text, from)),
          link.up ? addressRoutes(link, fresh) : [],
        ),
      ),
    );
  },
  text: {
    en: ({ dev, from, to }, where) => ({
      title: `Give ${dev} in ${where} the address ${to} in place of ${from}`,
      permanent: `Change the address in the network configuration of ${where}, or in the script that makes it.`,
      sideEffects: [`Whoever knows ${where} by ${from} has to be told its new address.`],
    }),
    'zh-cn': ({ dev, from, to }, where) => ({
      title: `把 ${where} 的 ${dev} 的地址 ${from} 改成 ${to}`,
      permanent: `在 ${where} 的网络配置或创建它的脚本中改掉这个地址。`,
      sideEffects: [`按 ${from} 使用 ${where} 的程序需要知道新地址。`],
    }),
  },
};

const isLocal = (text: string, address: string): boolean => text.startsWith(`local ${address} `);
