import type { NamespaceId } from '../../model/ids.ts';
import { known, valueOr } from '../../model/fact.ts';
import { sameAddress } from '../../model/ip.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { factsOf } from '../patch.ts';

/** Writes down who has an address, where nobody can be asked. */
export interface AddNeighbour {
  readonly kind: 'add-neighbour';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly address: string;
  readonly mac: string;
}

const written = (dev: string, address: string, mac: string): readonly string[] => [
  ...['ip', 'neighbour', 'replace', address, 'lladdr', mac, 'dev', dev, 'nud', 'permanent'],
];

export const addNeighbour: ActionKind<AddNeighbour> = {
  steps: ({ namespace, dev, address, mac }, snapshot) => [
    exec(snapshot, namespace, written(dev, address, mac)),
  ],
  // What somebody else wrote before is written again; what the kernel had learnt, it learns again.
  undo({ namespace, dev, address }, snapshot) {
    const before = valueOr(factsOf(snapshot, namespace)?.neighbours ?? { state: 'absent' }, []).find(
      (entry) =>
        !entry.proxy &&
        entry.state === 'permanent' &&
        entry.dev === dev &&
        sameAddress(entry.address, address),
    );
    return [
      exec(
        snapshot,
        namespace,
        before?.mac === undefined
          ? ['ip', 'neighbour', 'del', address, 'dev', dev]
          : written(dev, address, before.mac),
      ),
    ];
  },
  change: ({ namespace, dev, address, mac }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      neighbours:
        facts.neighbours.state === 'known'
          ? known([
              ...facts.neighbours.value.filter(
                (entry) => !(entry.dev === dev && sameAddress(entry.address, address)),
              ),
              { address, dev, mac, state: 'permanent', proxy: false },
            ])
          : facts.neighbours,
    })),
  text: {
    en: ({ dev, address, mac }, where) => ({
      title: `Write down in ${where} that ${address} on ${dev} has the hardware address ${mac}`,
      permanent: `The program that looks after ${dev} (flannel, Docker, a script) has to write this entry.`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, address, mac }, where) => ({
      title: `在 ${where} 中写明：${dev} 上 ${address} 的硬件地址是 ${mac}`,
      permanent: `应由管理 ${dev} 的程序（flannel、Docker、脚本）写入这个条目。`,
      sideEffects: [],
    }),
  },
};
