import { familyOf } from '../../model/ip.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
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
    const bound = sockets.every(({ device }) => device !== undefined) ? first.device : undefined;
    return {
      id: 'listens-on-other-address',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        listens: first.address,
        program,
        address,
        family,
        otherFamily: bound === undefined && sockets.every((socket) => socket.family !== family),
        device: bound ?? null,
        arrivesBy: bound === undefined ? null : situation.hop.inDev,
      },
      evidence: [listeningEvidence(snapshot, refusal, sockets)],
      remedies: [listenWhereAsked(refusal, first, bound)],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('device') !== ''
          ? `${whoEn(p)} in ${p('namespace')} listens on port ${p('port')} of the interface ${p('device')} only, and ${p('address')} was asked${p('arrivesBy') === '' ? ' from this machine itself' : ` by way of ${p('arrivesBy')}`}`
          : otherFamily(p)
            ? `${whoEn(p)} in ${p('namespace')} listens on port ${p('port')} by ${otherOf(p)} only (${p('listens')}), and was asked by ${familyName(p)}`
            : `${whoEn(p)} in ${p('namespace')} listens on port ${p('port')} of ${p('listens')} only, and was asked at ${p('address')}`,
      explanation: (p) =>
        p('device') !== ''
          ? `A program can tie itself to one interface (SO_BINDTODEVICE): it then takes only what comes in by that one, whatever address it is for. This one is tied to ${p('device')}, so what comes in elsewhere is refused as if nobody listened. Let it listen on every interface, or on the one by which it is asked.`
          : otherFamily(p)
            ? `IPv4 and IPv6 are two networks side by side, and a program takes part only in those that it listens on. ${p('listens')} takes no ${familyName(p)}, so what arrives at ${p('address')} is refused. Either the program listens on “${everyAddress(p)}” too, or it is asked by an ${otherOf(p)} address.`
            : `A program chooses the address on which it takes connections. It listens on ${p('listens')} only, and what is sent to ${p('address')} is refused, although it is the same machine. It has to listen on ${everyAddress(p)} (every address) or on ${p('address')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('device') !== ''
          ? `${p('namespace')} 中的${whoZh(p)}只在接口 ${p('device')} 上监听端口 ${p('port')}，而对 ${p('address')} 的请求${p('arrivesBy') === '' ? '来自本机' : `从 ${p('arrivesBy')} 进来`}`
          : otherFamily(p)
            ? `${p('namespace')} 中的${whoZh(p)}只用 ${otherOf(p)} 监听端口 ${p('port')}（${p('listens')}），而请求用的是 ${familyName(p)}`
            : `${p('namespace')} 中的${whoZh(p)}只在 ${p('listens')} 上监听端口 ${p('port')}，而请求发往 ${p('address')}`,
      explanation: (p) =>
        p('device') !== ''
          ? `程序可以把自己绑定到一个接口（SO_BINDTODEVICE）：不论目的地址是什么，它只接受从这个接口进来的请求。这个程序绑定在 ${p('device')} 上，从别处进来的请求就像没有人监听一样被拒绝。请让它监听所有接口，或监听请求进来的那个接口。`
          : otherFamily(p)
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
