import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';

/** Whether the kernel leaves checksums to an interface. */
export interface SetOffload {
  readonly kind: 'set-offload';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly on: boolean;
}

const command = (dev: string, on: boolean): readonly string[] => [
  ...['ethtool', '-K', dev, 'tx', on ? 'on' : 'off'],
];

export const setOffload: ActionKind<SetOffload> = {
  steps: ({ namespace, dev, on }, snapshot) => [exec(snapshot, namespace, command(dev, on))],
  undo: ({ namespace, dev, on }, snapshot) => [exec(snapshot, namespace, command(dev, !on))],
  change: ({ namespace, dev, on }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      offloads:
        facts.offloads.state === 'known'
          ? known(
              facts.offloads.value.map((one) =>
                one.dev === dev ? { ...one, checksums: on ? [4, 6] : [] } : one,
              ),
            )
          : facts.offloads,
    })),
  text: {
    en: ({ dev, on }, where) => ({
      title: on
        ? `Leave checksums to ${dev} in ${where} again`
        : `Let the kernel make the checksums of what leaves by ${dev} in ${where}`,
      permanent: `It is set anew each time ${dev} is made: put “TransmitChecksumOffload=no” into a systemd.link file of ${dev}, or the same command where ${dev} is created.`,
      sideEffects: on
        ? []
        : [`What leaves by ${dev} is cut into packets by the kernel too, which costs some throughput.`],
    }),
    'zh-cn': ({ dev, on }, where) => ({
      title: on
        ? `让 ${where} 的 ${dev} 重新负责计算校验和`
        : `改由内核计算从 ${where} 的 ${dev} 发出的数据包的校验和`,
      permanent: `每次创建 ${dev} 时都要重新设置：在 ${dev} 的 systemd.link 文件里写上“TransmitChecksumOffload=no”，或者在创建 ${dev} 的地方执行同一条命令。`,
      sideEffects: on ? [] : [`从 ${dev} 发出的数据也改由内核切分，吞吐量会有所下降。`],
    }),
  },
};
