import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import { withFacts } from '../../model/snapshot.ts';
import type { ActionKind } from '../action.ts';

/** A person makes the program fetch its connections again: only they know whether it may be restarted. */
export interface DrainQueue {
  readonly kind: 'drain-queue';
  readonly namespace: NamespaceId;
  readonly socket: ListeningSocket;
}

export const drainQueue: ActionKind<DrainQueue> = {
  steps: () => [],
  undo: () => [],
  change: ({ namespace, socket }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      sockets:
        facts.sockets.state === 'known' ? known(facts.sockets.value.map(emptied(socket))) : facts.sockets,
    })),
  text: {
    en: ({ socket }, where) => ({
      title: `Let ${socket.process?.name ?? 'the program'} in ${where} take its connections on port ${socket.port} again (continue it, or restart it)`,
      permanent: null,
      sideEffects: ['A restart ends the connections that it has.'],
    }),
    'zh-cn': ({ socket }, where) => ({
      title: `让 ${where} 中的 ${socket.process?.name ?? '程序'} 重新接收端口 ${socket.port} 上的连接（恢复运行，或重启）`,
      permanent: null,
      sideEffects: ['重启会断开它现有的连接。'],
    }),
  },
};

const emptied =
  (full: ListeningSocket) =>
  (socket: ListeningSocket): ListeningSocket =>
    socket.backlog !== undefined &&
    socket.protocol === full.protocol &&
    socket.port === full.port &&
    socket.address === full.address &&
    socket.device === full.device
      ? { ...socket, backlog: { ...socket.backlog, used: 0 } }
      : socket;
