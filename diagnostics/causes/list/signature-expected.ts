import { prefixContains } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';

/** The program wants connections from this sender signed (TCP_MD5SIG, as BGP has it), and the kernel drops those that are not. */
export const signatureExpected: CauseKind = {
  id: 'signature-expected',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward') return null;
    const { snapshot, namespace, step, packet, trace } = situation;
    if (step.kind !== 'deliver' || step.accepted) return null;
    const key = step.socket?.signed?.find((peer) => prefixContains(peer, packet.source));
    if (!step.socket || !key) return null;
    return {
      id: 'signature-expected',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        port: step.socket.port,
        program: step.socket.process?.name ?? null,
        source: packet.source,
        peer: `${key.address}/${key.length}`,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ss', '-lnti', 'sport', '=', `:${step.socket.port}`]),
          text: `md5keys: ${key.address}/${key.length}`,
        },
      ],
      // Whether the sender should have the key is for those who gave it.
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('program') || 'The program'} on port ${p('port')} in ${p('namespace')} takes only signed connections from ${p('source')} (TCP MD5)`,
      explanation: (p) =>
        `Some programs, above all routing daemons (BGP), share a password with their peers and have each TCP segment signed with it (TCP_MD5SIG, RFC 2385). For ${p('peer')} there is such a password here, so the kernel drops every segment from ${p('source')} without a right signature, in silence: it looks as if a firewall did it. What was asked here is an ordinary connection. A peer that is configured with the same password gets through; for any other program, take the password of this peer away.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中监听端口 ${p('port')} 的${p('program') === '' ? '程序' : ` ${p('program')} `}只接受来自 ${p('source')} 的带签名的连接（TCP MD5）`,
      explanation: (p) =>
        `有些程序（主要是 BGP 之类的路由守护进程）与对端约定一个密码，用它给每个 TCP 报文段签名（TCP_MD5SIG，RFC 2385）。这里为 ${p('peer')} 设了这样的密码，所以 ${p('source')} 发来的报文段只要没有正确的签名，内核就悄悄丢弃，看上去就像被防火墙拦住。这里询问的是普通连接。配置了相同密码的对端可以连上；如果别的程序也要连接，请去掉为这个对端设的密码。`,
    },
  },
};
