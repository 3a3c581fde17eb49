import type { FixAction } from '../../fixes/registry.ts';
import { prefixRange } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { sysctlEvidence } from '../evidence.ts';
import { labelIn, linksIn, sysctlsIn, type WaySituation } from '../situation.ts';

const KEYS = { 4: 'net/ipv4/icmp_echo_ignore_all', 6: 'net/ipv6/icmp/echo_ignore_all' } as const;
/** On by default: else one packet would make a whole network answer. */
const BROADCASTS = 'net/ipv4/icmp_echo_ignore_broadcasts';

/** The destination hears the ping and is told not to answer. */
export const echoIgnored: CauseKind = {
  id: 'echo-ignored',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet, direction } = situation;
    if (direction !== 'forward' || packet.protocol !== 'icmp' || step.kind !== 'deliver' || step.accepted)
      return null;
    const sysctls = sysctlsIn(snapshot, namespace);
    const toAll = situation.hop.steps.some((it) => it.kind === 'route' && it.route?.type === 'broadcast');
    const keys = [KEYS[packet.family], ...(toAll ? [BROADCASTS] : [])].filter(
      (it) => (sysctls[it] ?? (it === BROADCASTS ? '1' : '0')) !== '0',
    );
    if (keys.length === 0) return null;
    return {
      id: 'echo-ignored',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        broadcast: keys.includes(BROADCASTS) ? packet.destination : null,
      },
      evidence: keys.map((key) => sysctlEvidence(key, sysctls[key] ?? '1')),
      remedies: keys.includes(BROADCASTS)
        ? ownAddress(situation)
        : [{ actions: keys.map((key): FixAction => ({ kind: 'write-sysctl', namespace, key, value: '0' })) }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('broadcast') === ''
          ? `${p('namespace')} hears the ping and is set not to answer pings`
          : `${p('namespace')} hears the ping of ${p('broadcast')}, everybody’s address, and is set not to answer such pings`,
      explanation: (p) =>
        p('broadcast') !== ''
          ? `${p('broadcast')} is the broadcast address of a network: who has it is everybody there. Machines are set not to answer pings of such an address (icmp_echo_ignore_broadcasts), as one packet would make a whole network speak, and as it is usual nothing is wrong with that. To see whether a machine is there, ping its own address.`
          : `A machine may be told to ignore echo requests, which is what ping sends. ${p('namespace')} is: the packet arrives and gets no answer. Its services may be reachable all the same: ask with a port (tcp) to see.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('broadcast') === ''
          ? `${p('namespace')} 收到了 ping，但被设置为不回应`
          : `${p('namespace')} 收到了对广播地址 ${p('broadcast')} 的 ping，但被设置为不回应这样的 ping`,
      explanation: (p) =>
        p('broadcast') !== ''
          ? `${p('broadcast')} 是一个网络的广播地址，属于那里的所有机器。机器默认不回应发往广播地址的 ping（icmp_echo_ignore_broadcasts），否则一个数据包就会让整个网络都应答；这是正常的设置。想知道某台机器在不在，请 ping 它自己的地址。`
          : `机器可以被设置为忽略 ping 发出的回显请求。${p('namespace')} 正是如此：数据包到了，却没有应答。它的服务也许仍然可以访问，用端口（tcp）再问一次就知道。`,
    },
  },
};

/** An answer to a ping of everybody comes from the machine's own address, which was not asked: better ask for that. */
const ownAddress = ({ snapshot, namespace, packet }: WaySituation): readonly Remedy[] =>
  linksIn(snapshot, namespace)
    .flatMap(({ addresses }) => addresses)
    .filter((own) => own.family === 4 && prefixRange(own)?.to === packet.destination)
    .slice(0, 1)
    .map(({ address }) => ({ actions: [{ kind: 'ask-instead', to: address, port: null, address }] }));
