import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import { valueOr } from '../../model/fact.ts';
import { sameAddress } from '../../model/ip.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { factsOf } from '../patch.ts';

/** Makes the kernel ask again who has an address. */
export interface DeleteNeighbour {
  readonly kind: 'delete-neighbour';
  readonly namespace: NamespaceId;
  readonly address: string;
  readonly dev: string;
}

export const deleteNeighbour: ActionKind<DeleteNeighbour> = {
  steps: ({ namespace, address, dev }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'neighbour', 'del', address, 'dev', dev]),
  ],
  undo({ namespace, address, dev }, snapshot) {
    const entry = valueOr(factsOf(snapshot, namespace)?.neighbours ?? { state: 'absent' }, []).find(
      (it) => sameAddress(it.address, address) && it.dev === dev,
    );
    if (entry?.mac === undefined) return [];
    const nud = entry.state === 'permanent' || entry.state === 'noarp' ? entry.state : 'stale';
    return [
      exec(snapshot, namespace, [
        ...['ip', 'neighbour', 'replace', address, 'lladdr', entry.mac],
        ...['dev', dev, 'nud', nud],
      ]),
    ];
  },
  change: ({ namespace, address, dev }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      neighbours:
        facts.neighbours.state === 'known'
          ? known(
              facts.neighbours.value.filter((it) => !(sameAddress(it.address, address) && it.dev === dev)),
            )
          : facts.neighbours,
    })),
  text: {
    en: ({ address }, where) => ({
      title: `Let ${where} forget what it knows of ${address}, so that it asks again`,
      permanent: `Where a script or configuration of ${where} writes the entry, correct it there.`,
      sideEffects: [],
    }),
    'zh-cn': ({ address }, where) => ({
      title: `让 ${where} 忘掉 ${address} 的邻居条目，重新询问`,
      permanent: `如果条目由 ${where} 的脚本或配置写入，请在那里改正。`,
      sideEffects: [],
    }),
  },
};
