import { familyOf, sameAddress } from '../../model/ip.ts';
import { hasPorts } from '../../model/packet.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn, ruleEvidence } from '../evidence.ts';
import { listensOn, socketsIn, socketText } from '../listeners.ts';
import { labelIn } from '../situation.ts';
import { decidingFilter, placeOf } from '../verdict-rule.ts';

/** A rule gives the packet to a transparent proxy (TPROXY), which drops what no socket takes: the proxy does not run, or not so. */
export const proxyNotListening: CauseKind = {
  id: 'proxy-not-listening',
  find(situation) {
    if (situation.type !== 'way') return null;
    const step = decidingFilter(situation);
    const { snapshot, namespace, packet, trace } = situation;
    const rule = step?.decidedBy.rule;
    if (!step?.unclaimed || !rule || !hasPorts(packet)) return null;
    const { address, port } = step.unclaimed;
    const { protocol } = packet;
    const sockets = listensOn(socketsIn(snapshot, namespace), { protocol, port });
    const there = sockets.find((one) => takes(one, address));
    const elsewhere = there ? undefined : sockets[0];
    const family = familyOf(address) ?? 4;
    return {
      id: 'proxy-not-listening',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        address,
        port,
        rule: rule.text,
        number: rule.number,
        chain: step.decidedBy.chain,
        destination: packet.destination,
        ordinary: there ? socketText(there) : null,
        elsewhere: elsewhere ? socketText(elsewhere) : null,
      },
      evidence: [
        ruleEvidence(snapshot, namespace, step.decidedBy),
        {
          source: readIn(snapshot, namespace, ['ss', `-ln${protocol === 'tcp' ? 't' : 'u'}p`]),
          text:
            sockets.length === 0
              ? `no ${protocol} socket listens on port ${port}`
              : sockets.map(socketText).join(', '),
        },
      ],
      remedies: [
        {
          actions: [
            {
              ...{ kind: 'serve', namespace, protocol, port, transparent: true, instead: null },
              ...(family === 6 ? { family } : {}),
            },
          ],
        },
        {
          actions: [
            { kind: 'delete-rule', place: placeOf(namespace, step.decidedBy, step.decidedBy.chain), rule },
          ],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('ordinary') !== ''
          ? `${p('namespace')} gives the packet to a transparent proxy, and what listens on port ${p('port')} is not transparent: ${p('ordinary')}`
          : `${p('namespace')} gives the packet to a transparent proxy on port ${p('port')}, and ${p('elsewhere') === '' ? 'nothing listens there' : `what listens there takes another address: ${p('elsewhere')}`}`,
      explanation: (p) =>
        `Rule ${p('number')} of chain ${p('chain')} (${p('rule')}) gives packets for ${p('destination')} to a program of this machine, which has to listen on ${p('address')} ${p('protocol')} port ${p('port')} with the socket option IP_TRANSPARENT. Without such a socket the rule drops them. Start the proxy, or take the rule away: then packets go to ${p('destination')} directly.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('ordinary') !== ''
          ? `${p('namespace')} 把数据包交给透明代理，而在端口 ${p('port')} 上监听的并不透明：${p('ordinary')}`
          : `${p('namespace')} 把数据包交给端口 ${p('port')} 上的透明代理，${p('elsewhere') === '' ? '那里却没有程序监听' : `在那里监听的却是另一个地址：${p('elsewhere')}`}`,
      explanation: (p) =>
        `链 ${p('chain')} 的第 ${p('number')} 条规则（${p('rule')}）把发往 ${p('destination')} 的数据包交给本机的一个程序，它必须在 ${p('address')} 的 ${p('protocol')} 端口 ${p('port')} 上监听，并设置套接字选项 IP_TRANSPARENT。没有这样的套接字，规则就会丢弃数据包。请启动代理；或者去掉这条规则，数据包就会直接去往 ${p('destination')}。`,
    },
  },
};

/** Whether it would get what is for this address. */
const takes = ({ address, v6only, family }: ListeningSocket, wanted: string): boolean => {
  const wide = address === '0.0.0.0' || address === '::';
  if (familyOf(wanted) === family) return wide || sameAddress(address, wanted);
  return family === 6 && address === '::' && !v6only;
};
