import type { CauseKind } from '../cause.ts';
import { routeEvidence } from '../evidence.ts';
import { labelIn } from '../situation.ts';

/** RFC 919: everybody on the network, whatever its addresses are. */
const LIMITED_BROADCAST = '255.255.255.255';

/** What was asked for is the address of everybody on a network, and the kernel sends nothing there unasked. */
export const broadcastAddress: CauseKind = {
  id: 'broadcast-address',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward') return null;
    const { snapshot, namespace, step, packet } = situation;
    if (step.kind !== 'route' || step.lookup !== 'output') return null;
    // Without a route it is refused for the want of one, and with one for what it is.
    const limited = packet.destination === LIMITED_BROADCAST;
    if (!limited && step.route?.type !== 'broadcast') return null;
    return {
      id: 'broadcast-address',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        address: packet.destination,
        device: step.dev ?? null,
        protocol: packet.protocol,
        limited,
      },
      evidence: [
        routeEvidence(
          snapshot,
          namespace,
          packet.destination,
          step.route?.text ?? 'RTNETLINK answers: Network is unreachable',
        ),
      ],
      // Which machine was meant, or whether its prefix or that of the sender is wrong, only a person knows.
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('limited') === 'true'
          ? `${p('address')} is no machine’s address: it stands for everybody on a network`
          : `${p('address')} is no machine’s address: for ${p('namespace')} it is the broadcast address of the network on ${p('device')}`,
      explanation: (p) =>
        `${p('limited') === 'true' ? `Whatever is sent to ${p('address')} ${p('device') === '' ? 'would be for everybody on a network' : `would leave ${p('namespace')} by ${p('device')} for everybody there`}` : `The last address of a network stands for everybody on it. ${p('namespace')} has such a network on ${p('device')}, so ${p('address')} is everybody there`}, and the kernel refuses to send to it for a program that has not said that it wants that (${p('protocol') === 'tcp' ? 'a connection to everybody cannot be made at all' : 'SO_BROADCAST; of ping it is the option -b'}). Ask for the address of the machine that is meant${p('limited') === 'true' ? '' : `; if a machine really has ${p('address')}, the prefix length on ${p('device')} is wrong`}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('limited') === 'true'
          ? `${p('address')} 不是某台机器的地址：它代表一个网络里的所有机器`
          : `${p('address')} 不是某台机器的地址：对 ${p('namespace')} 来说，它是 ${p('device')} 上那个网络的广播地址`,
      explanation: (p) =>
        `${p('limited') === 'true' ? `发往 ${p('address')} 的数据${p('device') === '' ? '是给一个网络里所有机器的' : `会从 ${p('namespace')} 的 ${p('device')} 送给那里的所有机器`}` : `一个网络的最后一个地址代表其中的所有机器。${p('namespace')} 的 ${p('device')} 上正好有这样一个网络，所以 ${p('address')} 指的是那里的所有机器`}；程序没有声明要广播时，内核拒绝发送（${p('protocol') === 'tcp' ? '而且根本不能与所有机器建立一个连接' : '需要 SO_BROADCAST，对 ping 来说是选项 -b'}）。请改问真正要找的那台机器的地址${p('limited') === 'true' ? '' : `；如果确实有机器使用 ${p('address')}，那就是 ${p('device')} 上的前缀长度写错了`}。`,
    },
  },
};
