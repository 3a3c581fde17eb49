import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { withFacts, type Snapshot } from '../../model/snapshot.ts';
import { filterText, queueText, type Queue, type TrafficFilter } from '../../model/traffic-control.ts';
import { exec, type ActionKind } from '../action.ts';

/** Takes a queue or a filter of an interface away. */
export interface ChangeTrafficControl {
  readonly kind: 'change-traffic-control';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly away:
    | { readonly type: 'queue'; readonly queue: Queue }
    | { readonly type: 'filter'; readonly filter: TrafficFilter };
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

const placeOf = ({ parent }: Queue): readonly string[] => (parent === null ? ['root'] : ['parent', parent]);

/** `ingress`, `egress`, or the queue that asks. */
const placeOfFilter = ({ at }: TrafficFilter): readonly string[] =>
  at === 'ingress' || at === 'egress' ? [at] : ['parent', at];

const named = (dev: string, filter: TrafficFilter): readonly string[] => [
  ...['dev', dev, ...placeOfFilter(filter), 'protocol', filter.protocol],
  ...['pref', String(filter.preference)],
];

export const changeTrafficControl: ActionKind<ChangeTrafficControl> = {
  steps: ({ namespace, dev, away }, snapshot) => [
    exec(
      snapshot,
      namespace,
      away.type === 'queue'
        ? ['tc', 'qdisc', 'del', 'dev', dev, ...placeOf(away.queue)]
        : ['tc', 'filter', 'del', ...named(dev, away.filter)],
    ),
  ],
  undo({ namespace, dev, away }, snapshot) {
    const { words: text } = away.type === 'queue' ? away.queue : away.filter;
    if (text === null) return [];
    return [
      exec(
        snapshot,
        namespace,
        away.type === 'queue'
          ? [
              'tc',
              'qdisc',
              'replace',
              'dev',
              dev,
              ...placeOf(away.queue),
              ...handleOf(away.queue),
              ...words(text),
            ]
          : ['tc', 'filter', 'add', ...named(dev, away.filter), ...words(text)],
      ),
    ];
  },
  change: ({ namespace, dev, away }, snapshot) =>
    changeDevice(snapshot, namespace, dev, ({ queues, filters }) =>
      away.type === 'queue'
        ? {
            queues: queues.filter(
              ({ handle, parent }) => handle !== away.queue.handle || parent !== away.queue.parent,
            ),
            filters,
          }
        : { queues, filters: filters?.filter((one) => filterText(one) !== filterText(away.filter)) ?? null },
    ),
  text: {
    en: ({ dev, away }, where) => ({
      title:
        away.type === 'queue'
          ? `Give ${dev} in ${where} an ordinary queue instead of ${queueText(away.queue)}`
          : `Delete the filter “${filterText(away.filter)}” of ${dev} in ${where}`,
      permanent: `Remove it from whatever sets up traffic control on ${dev} (a network plugin, a test of bad networks, a unit that runs tc).`,
      sideEffects: [],
      opens: ['Everything else that it throws away passes too.'],
    }),
    'zh-cn': ({ dev, away }, where) => ({
      title:
        away.type === 'queue'
          ? `让 ${where} 中的 ${dev} 改用普通队列，去掉 ${queueText(away.queue)}`
          : `删除 ${where} 中 ${dev} 的过滤器“${filterText(away.filter)}”`,
      permanent: `把它从设置 ${dev} 流量控制的程序中去掉（网络插件、模拟恶劣网络的测试，或运行 tc 的服务单元）。`,
      sideEffects: [],
      opens: ['它原本丢弃的其他流量也会通过。'],
    }),
  },
};

/** A queue that the kernel numbered itself gets another number. */
const handleOf = ({ handle }: Queue): readonly string[] =>
  /^[1-9a-f][\da-f]{0,2}:$/.test(handle) ? ['handle', handle] : [];

type Parts = {
  readonly queues: readonly Queue[];
  readonly filters: readonly TrafficFilter[] | null;
};

const changeDevice = (
  snapshot: Snapshot,
  id: NamespaceId,
  dev: string,
  change: (parts: Parts) => Parts,
): Snapshot =>
  withFacts(snapshot, id, (facts) => ({
    ...facts,
    trafficControl:
      facts.trafficControl.state === 'known'
        ? known(facts.trafficControl.value.map((one) => (one.dev === dev ? { ...one, ...change(one) } : one)))
        : facts.trafficControl,
  }));
