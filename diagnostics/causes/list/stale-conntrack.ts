import { addressAndPort } from '../../model/ip.ts';
import { EPHEMERAL_PORT } from '../../simulate/ip/packets.ts';
import { entryOf } from '../../simulate/netfilter/remembered.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';

/** The kernel goes on with a connection as it was decided for its first packet, although the rules are others now. */
export const staleConntrack: CauseKind = {
  id: 'stale-conntrack',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward') return null;
    const { snapshot, trace } = situation;
    for (const { namespace, packet } of trace.hops) {
      if (packet.sourcePort === EPHEMERAL_PORT) return null;
      const entry = entryOf(snapshot, namespace, packet);
      if (!entry) continue;
      const { original, reply, protocol } = entry;
      return {
        id: 'stale-conntrack',
        place: { namespace },
        certainty: certaintyOf(trace),
        params: {
          namespace: labelIn(snapshot, namespace),
          protocol,
          source: addressAndPort(original.source, original.sourcePort),
          asked: addressAndPort(original.destination, original.destinationPort),
          target: addressAndPort(reply.source, reply.sourcePort),
        },
        evidence: [
          {
            source: readIn(snapshot, namespace, [
              ...['conntrack', '-L', '-p', protocol, '--orig-src', original.source],
              ...['--orig-dst', original.destination, '--sport', String(original.sourcePort)],
            ]),
            text: entry.text,
          },
        ],
        remedies: [{ actions: [{ kind: 'delete-connection', namespace, entry }] }],
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `New connections work; but what comes from ${p('source')} is still treated in ${p('namespace')} as it was when it began, and goes to ${p('target')}`,
      explanation: (p) =>
        `The kernel decides where a connection goes at its first packet and remembers that (conntrack); later packets are not compared with the rules of NAT again. For ${p('protocol')} from ${p('source')} to ${p('asked')}, ${p('namespace')} remembers ${p('target')}, which was right once: the container had another address then, or its port was not published yet. As long as the sender goes on sending from the same port, the memory stays fresh. Delete this one entry, or let the sender use a new port.`,
    },
    'zh-cn': {
      summary: (p) =>
        `新的连接是通的；但来自 ${p('source')} 的数据包在 ${p('namespace')} 中仍按旧连接处理，被送往 ${p('target')}`,
      explanation: (p) =>
        `内核在连接的第一个数据包上决定它的去向，并记住这个决定（conntrack）；之后的数据包不再与 NAT 规则比较。对于从 ${p('source')} 到 ${p('asked')} 的 ${p('protocol')}，${p('namespace')} 记住的是 ${p('target')}：它曾经是对的，那时容器用的是另一个地址，或者端口还没有发布。只要发送者一直用同一个端口发送，这条记录就不会过期。删除这一条记录，或者让发送者换一个端口。`,
    },
  },
};
