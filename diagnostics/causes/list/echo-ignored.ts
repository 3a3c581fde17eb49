import type { CauseKind } from '../cause.ts';
import { sysctlEvidence } from '../evidence.ts';
import { labelIn, sysctlsIn } from '../situation.ts';

const KEYS = { 4: 'net/ipv4/icmp_echo_ignore_all', 6: 'net/ipv6/icmp/echo_ignore_all' } as const;

/** The destination hears the ping and is told not to answer. */
export const echoIgnored: CauseKind = {
  id: 'echo-ignored',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet, direction } = situation;
    if (direction !== 'forward' || packet.protocol !== 'icmp' || step.kind !== 'deliver' || step.accepted)
      return null;
    const key = KEYS[packet.family];
    const value = sysctlsIn(snapshot, namespace)[key];
    if (value === undefined || value === '0') return null;
    return {
      id: 'echo-ignored',
      place: { namespace },
      certainty: 'certain',
      params: { namespace: labelIn(snapshot, namespace) },
      evidence: [sysctlEvidence(key, value)],
      remedies: [{ actions: [{ kind: 'write-sysctl', namespace, key, value: '0' }] }],
    };
  },
  text: {
    en: {
      summary: (p) => `${p('namespace')} hears the ping and is set not to answer pings`,
      explanation: (p) =>
        `A machine may be told to ignore echo requests, which is what ping sends. ${p('namespace')} is: the packet arrives and gets no answer. Its services may be reachable all the same: ask with a port (tcp) to see.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 收到了 ping，但被设置为不回应`,
      explanation: (p) =>
        `机器可以被设置为忽略 ping 发出的回显请求。${p('namespace')} 正是如此：数据包到了，却没有应答。它的服务也许仍然可以访问，用端口（tcp）再问一次就知道。`,
    },
  },
};
