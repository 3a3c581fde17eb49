import type { NamespaceId } from '../../model/ids.ts';
import type { FixStep } from '../../model/diagnosis.ts';
import { familyOf, sameAddress } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { forgetFailedNeighbours } from '../patch.ts';
import { promotes, readdress } from '../readdress.ts';
import { sysctlCommand } from '../sysctl-words.ts';
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

/**
 * The second of two addresses of a network goes with the first one, unless it is promoted (`promote_secondaries`): then nothing else
 * of the interface is lost on the way.
 */
function write(
  { namespace, dev, length }: Renumber,
  snapshot: Snapshot,
  add: string,
  del: string,
): readonly FixStep[] {
  const key = `net/ipv4/conf/${dev}/promote_secondaries`;
  const loses = familyOf(add) === 4 && !promotes(snapshot, namespace, dev);
  const set = (value: string): readonly (readonly string[])[] => (loses ? [sysctlCommand(key, value)] : []);
  return [
    ...set('1'),
    ['ip', 'address', 'add', `${add}/${length}`, 'dev', dev],
    ['ip', 'address', 'del', `${del}/${length}`, 'dev', dev],
    ...set('0'),
  ].map((argv) => exec(snapshot, namespace, argv));
}

export const renumber: ActionKind<Renumber> = {
  steps: (action, snapshot) => write(action, snapshot, action.to, action.from),
  undo: (action, snapshot) => write(action, snapshot, action.from, action.to),
  change: ({ namespace, dev, from, to, length }, snapshot) =>
    forgetFailedNeighbours(
      readdress(
        readdress(snapshot, namespace, dev, (addresses) => [...addresses, newAddress(to, length)]),
        namespace,
        dev,
        (addresses) => addresses.filter((own) => !sameAddress(own.address, from)),
      ),
    ),
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
