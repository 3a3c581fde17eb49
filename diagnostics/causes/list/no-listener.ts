import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { isLoopback, listensOn, refusalAt, servedWhere, socketsIn, socketText } from '../listeners.ts';
import { labelIn } from '../situation.ts';

/** Most machines listen on so many ports that a list of them helps nobody. */
const SHOWN_PORTS = 8;

/** The packet arrives, and no program takes it. */
export const noListener: CauseKind = {
  id: 'no-listener',
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot, trace } = situation;
    const { namespace, protocol, port } = refusal;
    const sockets = socketsIn(snapshot, namespace).filter((socket) => socket.protocol === protocol);
    // Somebody listens on this port, on another address: that is another failure.
    if (listensOn(sockets, refusal).length > 0) return null;
    const others = [...new Set(sockets.filter((socket) => !isLoopback(socket)).map((socket) => socket.port))];
    const letter = protocol === 'tcp' ? 't' : 'u';
    return {
      id: 'no-listener',
      place: { namespace },
      certainty: trace.certain ? 'certain' : 'likely',
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        otherPorts:
          others.length === 0 || others.length > SHOWN_PORTS ? null : others.sort((a, b) => a - b).join(', '),
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ss', `-ln${letter}p`]),
          text:
            sockets.length === 0
              ? `no ${protocol} socket listens`
              : sockets.slice(0, SHOWN_PORTS).map(socketText).join(', '),
        },
      ],
      remedies: [
        { actions: [{ kind: 'serve', namespace, protocol, port, ...servedWhere(refusal), instead: null }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) => `Nothing listens on ${p('protocol')} port ${p('port')} in ${p('namespace')}`,
      explanation: (p) =>
        `The packet gets all the way to ${p('namespace')}: the network is fine. But no program there has opened ${p('protocol')} port ${p('port')}, so the kernel refuses the packet. Either the service is not running, or it uses another port${p('otherPorts') === '' ? '' : ` (open are: ${p('otherPorts')})`}.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 中没有程序监听 ${p('protocol')} 端口 ${p('port')}`,
      explanation: (p) =>
        `数据包一路到达了 ${p('namespace')}，网络没有问题。但那里没有程序打开 ${p('protocol')} 端口 ${p('port')}，所以内核拒绝了它。要么服务没有运行，要么它用的是别的端口${p('otherPorts') === '' ? '' : `（已打开的有：${p('otherPorts')}）`}。`,
    },
  },
};
