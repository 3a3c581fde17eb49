import type { CauseKind } from '../cause.ts';
import { linkEvidence } from '../evidence.ts';
import { labelIn, linksIn } from '../situation.ts';

/** `lo` is down, so a namespace cannot reach itself. */
export const loopbackDown: CauseKind = {
  id: 'loopback-down',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet, trace } = situation;
    const lo = linksIn(snapshot, namespace).find(({ kind }) => kind.type === 'loopback');
    if (!lo || lo.up || trace.hops.length > 1) return null;
    const toItself =
      ((step.kind === 'transmit' || step.kind === 'receive') && step.dev === lo.name) ||
      (step.kind === 'route' && packet.destination.startsWith('127.'));
    if (!toItself) return null;
    return {
      id: 'loopback-down',
      place: { namespace },
      certainty: 'certain',
      params: { device: lo.name, namespace: labelIn(snapshot, namespace) },
      evidence: [linkEvidence(snapshot, namespace, lo)],
      remedies: [{ actions: [{ kind: 'link-up', namespace, dev: lo.name }] }],
    };
  },
  text: {
    en: {
      summary: (p) => `The loopback interface ${p('device')} in ${p('namespace')} is switched off`,
      explanation: (p) =>
        `What a namespace sends to itself goes through ${p('device')}, also when it is addressed to one of its other interfaces. A new network namespace starts with ${p('device')} switched off. Bring it up once after making the namespace.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 中的回环接口 ${p('device')} 处于关闭状态`,
      explanation: (p) =>
        `命名空间发给自己的数据都经过 ${p('device')}，即使目的地址属于它的其他接口。新建的网络命名空间里 ${p('device')} 默认是关闭的。创建命名空间之后要先启用它。`,
    },
  },
};
