import type { FixStep } from '../../model/diagnosis.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { forgetFailedNeighbours } from '../patch.ts';
import { readdress } from '../readdress.ts';
import { newAddress } from './add-address.ts';

/** Takes an IPv6 address that the kernel does not use (duplicate address detection) away, and adds it anew, untested. */
export interface RetryAddress {
  readonly kind: 'retry-address';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly address: string;
  readonly length: number;
}

export const retryAddress: ActionKind<RetryAddress> = {
  steps: (action, snapshot) => write(action, snapshot, ['nodad']),
  // It is tested again, and refused again where somebody else has it.
  undo: (action, snapshot) => write(action, snapshot, []),
  change: ({ namespace, dev, address, length }, snapshot) =>
    forgetFailedNeighbours(
      readdress(
        readdress(snapshot, namespace, dev, (addresses) =>
          addresses.filter((own) => !sameAddress(own.address, address)),
        ),
        namespace,
        dev,
        (addresses) => [...addresses, newAddress(address, length)],
      ),
    ),
  text: {
    en: ({ dev, address }, where) => ({
      title: `Take ${address} off ${dev} in ${where}, and add it anew`,
      permanent: null,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, address }, where) => ({
      title: `把 ${where} 的 ${dev} 上的 ${address} 去掉，再重新添加`,
      permanent: null,
      sideEffects: [],
    }),
  },
};

const write = (
  { namespace, dev, address, length }: RetryAddress,
  snapshot: Snapshot,
  how: readonly string[],
): readonly FixStep[] =>
  (['del', 'add'] as const).map((verb) =>
    exec(snapshot, namespace, [
      ...['ip', 'address', verb, `${address}/${length}`, 'dev', dev],
      ...(verb === 'add' ? how : []),
    ]),
  );
