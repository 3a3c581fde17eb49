import type { CauseKind } from '../cause.ts';
import { labelIn, ownersOf } from '../situation.ts';

/** A service that is bound to every address answers datagrams from another one than was asked. */
export const answersFromElsewhere: CauseKind = {
  id: 'answers-from-elsewhere',
  find(situation) {
    if (situation.type !== 'sender' || situation.met.type !== 'other-answer') return null;
    const { snapshot, namespace, start, met } = situation;
    const owner = ownersOf(snapshot, start.destination)[0];
    const at = owner?.namespace ?? namespace;
    const { destination: asked, port } = start;
    return {
      id: 'answers-from-elsewhere',
      place: { namespace: at },
      certainty: 'certain',
      params: { namespace: labelIn(snapshot, at), asked, answers: met.address, port },
      evidence: [
        {
          source: `${start.protocol} ${asked}`,
          text: `${asked}:${port ?? ''} ← ${met.address}:${port ?? ''}`,
        },
      ],
      remedies: [{ actions: [{ kind: 'ask-instead', to: met.address, port, address: met.address }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The service in ${p('namespace')} answers, but from ${p('answers')} and not from ${p('asked')}, which was asked`,
      explanation: (p) =>
        `A datagram’s answer has to come from the address that was asked; most programs, and every NAT on the way, do not take another one. This service is bound to every address, so the kernel chooses by its routes where an answer comes from: ${p('answers')}. Bind the service to ${p('asked')} too, or let it answer from the address that it was asked at (IP_PKTINFO), or ask ${p('answers')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的服务回答了，但回答来自 ${p('answers')}，而不是所问的 ${p('asked')}`,
      explanation: (p) =>
        `对数据报的回答必须来自被问的地址，多数程序和路上的地址转换都不接受别的地址。这个服务绑定在所有地址上，于是由内核按路由选择从哪个地址回答：${p('answers')}。请让服务也绑定到 ${p('asked')}，或者让它用被问的地址来回答（IP_PKTINFO），或者改问 ${p('answers')}。`,
    },
  },
};
