import { sameAddress } from '../../model/ip.ts';
import { ipRoute } from '../../fixes/route-words.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { decisionsOf } from '../detour.ts';
import { readIn } from '../evidence.ts';
import { isNobodys } from '../nobodys-address.ts';
import { labelIn } from '../situation.ts';

/** A route leads to a machine that neither has the address nor knows where it is. */
export const addressUnknown: CauseKind = {
  id: 'address-unknown',
  find(situation) {
    if (situation.type !== 'way' || !isNobodys(situation)) return null;
    const { snapshot, namespace, packet, trace } = situation;
    const { destination } = packet;
    const sent = decisionsOf(situation).find(
      (decision) => decision.namespace !== namespace && sameAddress(decision.step.destination, destination),
    );
    return {
      id: 'address-unknown',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        address: destination,
        router: sent ? labelIn(snapshot, sent.namespace) : null,
        route: sent?.route.text ?? null,
      },
      evidence: sent
        ? [
            {
              source: readIn(snapshot, sent.namespace, [...ipRoute(destination), 'get', destination]),
              text: sent.route.text,
            },
          ]
        : [],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The packet for ${p('address')} comes to ${p('namespace')}, which does not have that address and knows no way on; nobody in sight has it`,
      explanation: (p) =>
        `${p('router') === '' ? 'A route' : `The route “${p('route')}” of ${p('router')}`} hands packets for ${p('address')} to ${p('namespace')}. They are not for ${p('namespace')} itself, and it is no router that could pass them on: it would only send them back, or nowhere. Either the address is mistyped, or the machine or container that should have it is gone, or ${p('namespace')} was to be given it.`,
    },
    'zh-cn': {
      summary: (p) =>
        `发往 ${p('address')} 的数据包到了 ${p('namespace')}，而它没有这个地址，也不知道该往哪里转；看得见的机器都没有这个地址`,
      explanation: (p) =>
        `${p('router') === '' ? '一条路由' : `${p('router')} 的路由“${p('route')}”`}把发往 ${p('address')} 的数据包交给了 ${p('namespace')}。这些数据包不是给它自己的，它也不是能继续转发的路由器：最多只能把它们送回去。要么地址写错了，要么应当拥有它的机器或容器已经不在，要么本来应该把这个地址配给 ${p('namespace')}。`,
    },
  },
};
