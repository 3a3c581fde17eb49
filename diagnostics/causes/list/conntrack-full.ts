import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { sysctlEvidence } from '../evidence.ts';
import { labelIn } from '../situation.ts';

const LIMIT = 'net/netfilter/nf_conntrack_max';
const COUNT = 'net/netfilter/nf_conntrack_count';

/** The kernel follows as many connections as it may, and drops the first packet of every further one. */
export const conntrackFull: CauseKind = {
  id: 'conntrack-full',
  find(situation) {
    if (situation.type !== 'way' || situation.step.kind !== 'track') return null;
    const { snapshot, namespace, step } = situation;
    const root = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '')?.rootNamespace;
    // The limit is one for all namespaces, and may be written in the machine's own only.
    const at = root ?? namespace;
    return {
      id: 'conntrack-full',
      place: { namespace },
      certainty: 'likely',
      params: { namespace: labelIn(snapshot, namespace), count: step.count, limit: step.limit },
      evidence: [sysctlEvidence(COUNT, String(step.count)), sysctlEvidence(LIMIT, String(step.limit))],
      remedies: [
        { actions: [{ kind: 'raise-conntrack', namespace: at, full: namespace, limit: step.limit * 2 }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} follows ${p('count')} connections, as many as it may (${p('limit')}): the first packet of every further one is dropped`,
      explanation: (p) =>
        `NAT and stateful rules need the kernel to remember every connection that passes (conntrack). There is room for ${p('limit')} of them; in ${p('namespace')} all of it is taken. Connections that are there go on, new ones get no answer, and the kernel's log says “nf_conntrack: table full, dropping packet”. Raise the limit; and look at who opens so many connections, or keeps them for so long.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 正在跟踪 ${p('count')} 个连接，已达上限（${p('limit')}）：之后每个新连接的第一个数据包都会被丢弃`,
      explanation: (p) =>
        `NAT 和有状态的规则要求内核记住每一个经过的连接（conntrack）。最多能记 ${p('limit')} 个，而 ${p('namespace')} 里已经用满。已有的连接继续工作，新的连接得不到任何回应，内核日志里会有“nf_conntrack: table full, dropping packet”。请提高上限，并查明是谁打开了这么多连接，或者长时间不释放。`,
    },
  },
};
