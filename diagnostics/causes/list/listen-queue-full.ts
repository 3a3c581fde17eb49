import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { socketText } from '../listeners.ts';
import { labelIn } from '../situation.ts';

/**
 * The program listens and does not fetch its connections: those that the kernel finished for it fill the queue, and the kernel
 * drops every further SYN (tcp_conn_request() of net/ipv4/tcp_input.c, counted as ListenOverflows).
 */
export const listenQueueFull: CauseKind = {
  id: 'listen-queue-full',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward') return null;
    const { snapshot, namespace, step, trace } = situation;
    if (step.kind !== 'deliver' || step.accepted || !step.socket?.backlog) return null;
    const { socket } = step;
    const { used, limit } = step.socket.backlog;
    if (used <= limit) return null;
    return {
      id: 'listen-queue-full',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        port: socket.port,
        program: socket.process?.name ?? null,
        pid: socket.process?.pid ?? null,
        used,
        limit,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ss', '-lntp', 'sport', '=', `:${socket.port}`]),
          text: `LISTEN Recv-Q ${used} Send-Q ${limit} ${socketText(socket)}`,
        },
      ],
      remedies: [{ actions: [{ kind: 'drain-queue', namespace, socket }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('program') || 'The program'} on port ${p('port')} in ${p('namespace')} does not take its connections: ${p('used')} wait, and there is room for no more`,
      explanation: (p) =>
        `The kernel accepts connections on behalf of a listening program and keeps them in a queue until the program fetches them (accept). In ${p('namespace')} that queue is full (${p('used')} waiting; full above ${p('limit')}), so the kernel drops every further attempt in silence, as a firewall would. The network is fine; the program hangs, is stopped, or cannot keep up. Look at what it does${p('pid') === '' ? '' : ` (process ${p('pid')})`}, and restart it if it hangs. Should it only be slow in bursts, a larger queue helps: its own “backlog” setting, and net.core.somaxconn, which limits that.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中监听端口 ${p('port')} 的${p('program') === '' ? '程序' : ` ${p('program')} `}不接收连接：已有 ${p('used')} 个在排队，再也放不下了`,
      explanation: (p) =>
        `内核替监听的程序接受连接，放进一个队列，等程序来取（accept）。${p('namespace')} 中的这个队列已满（${p('used')} 个在等待，超过 ${p('limit')} 即为满），于是内核悄悄丢弃之后的每一次连接尝试，看上去就像被防火墙丢弃一样。网络没有问题，是程序卡住、被暂停或者忙不过来。请查看它在做什么${p('pid') === '' ? '' : `（进程 ${p('pid')}）`}，卡住了就重启。如果只是偶尔来不及，可以加大队列：程序自己的“backlog”设置，以及它的上限 net.core.somaxconn。`,
    },
  },
};
