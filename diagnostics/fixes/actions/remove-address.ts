import type { NamespaceId } from '../../model/ids.ts';
import { addressBits, familyOf, sameAddress } from '../../model/ip.ts';
import { exec, type ActionKind } from '../action.ts';
import { readdress } from '../readdress.ts';

/** Takes a single address (/32, /128) from an interface: no second address of its network goes with it. */
export interface RemoveAddress {
  readonly kind: 'remove-address';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly address: string;
}

const written = (
  verb: 'add' | 'del',
  { dev, address }: Pick<RemoveAddress, 'dev' | 'address'>,
): readonly string[] => [
  ...['ip', 'address', verb, `${address}/${addressBits(familyOf(address) ?? 4)}`, 'dev', dev],
];

export const removeAddress: ActionKind<RemoveAddress> = {
  steps: (action, snapshot) => [exec(snapshot, action.namespace, written('del', action))],
  undo: (action, snapshot) => [exec(snapshot, action.namespace, written('add', action))],
  change: ({ namespace, dev, address }, snapshot) =>
    readdress(snapshot, namespace, dev, (addresses) =>
      addresses.filter((own) => !sameAddress(own.address, address)),
    ),
  text: {
    en: ({ dev, address }, where) => ({
      title: `Take ${address} away from ${dev} in ${where}`,
      permanent: `Delete the address from the network configuration of ${where}, or from the program that writes it (keepalived, a routing daemon).`,
      sideEffects: [`Who asks ${where} by ${address} asks the other machine that has it, or nobody.`],
    }),
    'zh-cn': ({ dev, address }, where) => ({
      title: `从 ${where} 的 ${dev} 上去掉 ${address}`,
      permanent: `从 ${where} 的网络配置，或写入它的程序（keepalived、路由守护进程）里删除这个地址。`,
      sideEffects: [`之后访问 ${address} 的请求会到另一台拥有它的机器，或者无人应答，不再到 ${where}。`],
    }),
  },
};
