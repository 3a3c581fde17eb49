import type { CauseKind } from '../cause.ts';
import { linkEvidence } from '../evidence.ts';
import { labelIn, linkIn, peerOf } from '../situation.ts';

/** An interface is up and has no carrier, and no end of it that we see is down: its peer is gone, or out of sight. */
export const noCarrier: CauseKind = {
  id: 'no-carrier',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    if (step.kind !== 'transmit' || step.problem !== 'no-carrier') return null;
    const link = linkIn(snapshot, namespace, step.dev);
    if (!link || !link.up || link.carrier || peerOf(snapshot, link)) return null;
    return {
      id: 'no-carrier',
      place: { namespace },
      certainty: 'certain',
      params: { device: link.name, namespace: labelIn(snapshot, namespace) },
      evidence: [linkEvidence(snapshot, namespace, link)],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) => `The interface ${p('device')} in ${p('namespace')} has no carrier`,
      explanation: (p) =>
        `${p('device')} is switched on, but nothing is at the other end of its wire: the peer is down or gone, or the cable is out. Whatever is sent there is lost. Bring up the other end, or make the pair anew.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 中的接口 ${p('device')} 没有载波`,
      explanation: (p) =>
        `${p('device')} 已启用，但“线”的另一头没有东西：对端被关闭、已被删除，或网线没插。发往那里的数据都会丢失。请启用对端，或重新创建这对接口。`,
    },
  },
};
