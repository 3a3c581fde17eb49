import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import type { ConntrackEntry } from '../../model/socket.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';

/** Makes the kernel forget one connection, so that its next packet is treated as a first one. */
export interface DeleteConnection {
  readonly kind: 'delete-connection';
  readonly namespace: NamespaceId;
  readonly entry: ConntrackEntry;
}

export const deleteConnection: ActionKind<DeleteConnection> = {
  steps: ({ namespace, entry }, snapshot) => [exec(snapshot, namespace, words(entry))],
  // The next packet makes a new entry.
  undo: () => [],
  change: ({ namespace, entry }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      conntrack:
        facts.conntrack.state === 'known'
          ? known(facts.conntrack.value.filter(({ text }) => text !== entry.text))
          : facts.conntrack,
    })),
  text: {
    en: ({ entry: { original } }, where) => ({
      title: `Let ${where} forget the connection from port ${original.sourcePort} to ${original.destination}, so that its next packet goes by the rules of now`,
      permanent: 'Let whatever changes the rules delete the connections that they were for (conntrack -D).',
      sideEffects: [],
    }),
    'zh-cn': ({ entry: { original } }, where) => ({
      title: `让 ${where} 忘掉从端口 ${original.sourcePort} 到 ${original.destination} 的连接，下一个数据包就会按现在的规则处理`,
      permanent: '让修改规则的程序同时删除旧规则留下的连接（conntrack -D）。',
      sideEffects: [],
    }),
  },
};

/** The tuple of the first packet is exact: no other connection has it. */
const words = ({ protocol, original }: ConntrackEntry): readonly string[] => [
  ...['conntrack', '-D', '-p', protocol],
  ...['--orig-src', original.source, '--orig-dst', original.destination],
  ...['--sport', String(original.sourcePort), '--dport', String(original.destinationPort)],
];
