import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import {
  isLoopback,
  listeningEvidence,
  listensOn,
  listenWhereAsked,
  refusalAt,
  socketsIn,
} from '../listeners.ts';
import { labelIn } from '../situation.ts';

/** A program listens on the port, but only for its own machine. */
export const listensOnLoopback: CauseKind = {
  id: 'listens-on-loopback',
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot, trace } = situation;
    const { namespace, protocol, port, address } = refusal;
    const sockets = listensOn(socketsIn(snapshot, namespace), refusal);
    const [first] = sockets;
    if (!first || !sockets.every(isLoopback) || address.startsWith('127.') || address === '::1') return null;
    const program = first.process?.name ?? null;
    return {
      id: 'listens-on-loopback',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        listens: first.address,
        program,
        address,
      },
      evidence: [listeningEvidence(snapshot, refusal, sockets)],
      remedies: [listenWhereAsked(refusal, first)],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('program') === '' ? 'The service' : p('program')} in ${p('namespace')} listens on port ${p('port')} only for itself (${p('listens')})`,
      explanation: (p) =>
        `A program chooses the address on which it takes connections. ${p('listens')} means “only from this very machine”, and every network namespace or container is a machine of its own in this respect. The packet arrives at ${p('address')}, where nothing listens, and is refused. The program has to listen on ${everyAddress(p)} (every address) or on ${p('address')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的${p('program') === '' ? '服务' : ` ${p('program')} `}只在 ${p('listens')} 上监听端口 ${p('port')}，外面无法访问`,
      explanation: (p) =>
        `程序可以选择在哪个地址上接受连接。${p('listens')} 的意思是“只接受本机的连接”，而每个网络命名空间或容器在这一点上都是一台独立的机器。数据包到达 ${p('address')}，那里没有人监听，于是被拒绝。应让程序监听 ${everyAddress(p)}（所有地址）或 ${p('address')}。`,
    },
  },
};

const everyAddress = (p: Shown): string => (p('address').includes(':') ? '::' : '0.0.0.0');
