import { familyOf } from '../../model/ip.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { listeningEvidence, listensOn, listenWhereAsked, refusalAt, socketsIn } from '../listeners.ts';
import { labelIn } from '../situation.ts';

/** A program listens on the port, but on another address, or only by the other version of IP. */
export const listensOnOtherAddress: CauseKind = {
  id: 'listens-on-other-address',
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot, trace } = situation;
    const { namespace, protocol, port, address } = refusal;
    const sockets = listensOn(socketsIn(snapshot, namespace), refusal);
    const [first] = sockets;
    if (!first) return null;
    const program = first.process?.name ?? null;
    const family = familyOf(address) ?? 4;
    return {
      id: 'listens-on-other-address',
      place: { namespace },
      certainty: trace.certain ? 'certain' : 'likely',
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        listens: first.address,
        program,
        address,
        family,
        otherFamily: sockets.every((socket) => socket.family !== family),
      },
      evidence: [listeningEvidence(snapshot, refusal, sockets)],
      remedies: [listenWhereAsked(refusal, first)],
    };
  },
  text: {
    en: {
      summary: (p) =>
        otherFamily(p)
          ? `${whoEn(p)} in ${p('namespace')} listens on port ${p('port')} by ${otherOf(p)} only (${p('listens')}), and was asked by ${familyName(p)}`
          : `${whoEn(p)} in ${p('namespace')} listens on port ${p('port')} of ${p('listens')} only, and was asked at ${p('address')}`,
      explanation: (p) =>
        otherFamily(p)
          ? `IPv4 and IPv6 are two networks side by side, and a program takes part only in those that it listens on. ${p('listens')} takes no ${familyName(p)}, so what arrives at ${p('address')} is refused. Either the program listens on “${everyAddress(p)}” too, or it is asked by an ${otherOf(p)} address.`
          : `A program chooses the address on which it takes connections. It listens on ${p('listens')} only, and what is sent to ${p('address')} is refused, although it is the same machine. It has to listen on ${everyAddress(p)} (every address) or on ${p('address')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        otherFamily(p)
          ? `${p('namespace')} 中的${whoZh(p)}只用 ${otherOf(p)} 监听端口 ${p('port')}（${p('listens')}），而请求用的是 ${familyName(p)}`
          : `${p('namespace')} 中的${whoZh(p)}只在 ${p('listens')} 上监听端口 ${p('port')}，而请求发往 ${p('address')}`,
      explanation: (p) =>
        otherFamily(p)
          ? `IPv4 和 IPv6 是并列的两个网络，程序只参与它监听的那一个。${p('listens')} 不接受 ${familyName(p)}，所以到达 ${p('address')} 的请求被拒绝。要么让程序也监听“${everyAddress(p)}”，要么改用 ${otherOf(p)} 地址访问。`
          : `程序可以选择在哪个地址上接受连接。它只监听 ${p('listens')}，发往 ${p('address')} 的请求虽然到了同一台机器，仍被拒绝。应让程序监听 ${everyAddress(p)}（所有地址）或 ${p('address')}。`,
    },
  },
};

const otherFamily = (p: Shown): boolean => p('otherFamily') === 'true';
const familyName = (p: Shown): string => (p('family') === '6' ? 'IPv6' : 'IPv4');
const otherOf = (p: Shown): string => (p('family') === '6' ? 'IPv4' : 'IPv6');
const everyAddress = (p: Shown): string => (p('family') === '6' ? '::' : '0.0.0.0');
const whoEn = (p: Shown): string => (p('program') === '' ? 'The service' : p('program'));
const whoZh = (p: Shown): string => (p('program') === '' ? '服务' : ` ${p('program')} `);
