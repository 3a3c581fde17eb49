import { disowned } from '../own-address.ts';
import type { CauseKind } from '../cause.ts';
import { routeEvidence } from '../evidence.ts';
import { labelIn, vrfAsked } from '../situation.ts';
import { masqueradeRemedies } from '../masquerade.ts';
import { sourceRemedies, spokenFrom } from '../spoken-from.ts';
import { lacksRoute, routeRemedies } from './no-route.ts';

/** The request arrives; on the way back somebody has no route to the sender. */
export const noReturnRoute: CauseKind = {
  id: 'no-return-route',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'back' || !lacksRoute(situation)) return null;
    if (disowned(situation)) return null;
    const { snapshot, namespace, packet } = situation;
    const spoken = spokenFrom(situation);
    return {
      id: 'no-return-route',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        sender: packet.destination,
        from: situation.flow.fromText,
        to: situation.flow.toText,
        route: spoken?.route.text ?? null,
        asker: spoken ? labelIn(snapshot, spoken.namespace) : null,
      },
      evidence: [
        routeEvidence(snapshot, namespace, packet.destination, 'RTNETLINK answers: Network is unreachable'),
        ...(spoken
          ? [
              routeEvidence(
                snapshot,
                spoken.namespace,
                situation.forward.hops.at(0)?.packet.destination ?? '',
                spoken.route.text,
              ),
            ]
          : []),
      ],
      remedies: [
        ...sourceRemedies(situation),
        ...routeRemedies(snapshot, namespace, packet.destination, vrfAsked(situation)),
        ...masqueradeRemedies(situation),
      ],
    };
  },
  text: {
    en: {
      summary: (p) => `The request arrives, but ${p('namespace')} has no route back to ${p('sender')}`,
      explanation: (p) =>
        `Every connection needs a way in both directions. The packet from ${p('from')} reaches ${p('to')}, but the answer is addressed to ${p('sender')}, and ${p('namespace')} does not know where that is. To the sender it looks as if nothing had arrived. ${p('route') === '' ? '' : `${p('asker')} speaks from that address because a route of its own says so: ${p('route')}. Without the word “src” the kernel takes an address of the interface that packets leave by. `}A route back mends it; so does a router on the way that puts its own address on the packets (masquerading).`,
    },
    'zh-cn': {
      summary: (p) => `请求已经到达，但 ${p('namespace')} 没有返回 ${p('sender')} 的路由`,
      explanation: (p) =>
        `通信需要来回两个方向都走得通。${p('from')} 的数据包到了 ${p('to')}，应答要发给 ${p('sender')}，而 ${p('namespace')} 不知道它在哪里。在发送者看来，就像什么都没有送到。${p('route') === '' ? '' : `${p('asker')} 之所以用这个地址发送，是因为它自己的一条路由里写着：${p('route')}。去掉其中的 src，内核就会用数据包离开的那个接口的地址。`}添加一条返回路由即可；也可以让途中的路由器换上自己的地址（地址伪装）。`,
    },
  },
};
