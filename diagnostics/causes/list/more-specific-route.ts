import { readIn } from '../evidence.ts';
import type { CauseKind } from '../cause.ts';
import { decisionsOf, hasOthers, insteadOf, ledAstray, withoutRoute, wouldArrive } from '../detour.ts';
import { routeTarget } from '../../fixes/patch.ts';
import { ipRoute } from '../../fixes/route-words.ts';
import { labelIn } from '../situation.ts';

/** A route with a longer prefix takes the packet elsewhere; the one that it hides would lead there. */
export const moreSpecificRoute: CauseKind = {
  id: 'more-specific-route',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, direction } = situation;
    for (const decision of decisionsOf(situation)) {
      const { namespace, route, step } = decision;
      if (route.protocol === 'kernel' || route.destination.length === 0) continue;
      if (!ledAstray(situation, decision) || !hasOthers(snapshot, decision)) continue;
      const without = withoutRoute(snapshot, namespace, route);
      if (!wouldArrive(situation, without)) continue;
      const instead = insteadOf(situation, decision, without);
      if (!instead?.route) continue;
      return {
        id: 'more-specific-route',
        place: { namespace },
        // Who is out there, behind a tunnel of a program, nobody here can see.
        certainty:
          situation.trace.certain && situation.trace.disposition !== 'exits-machine' ? 'certain' : 'likely',
        params: {
          namespace: labelIn(snapshot, namespace),
          destination: step.destination,
          route: route.text,
          target: routeTarget(route.destination),
          instead: instead.route.text,
          insteadTarget: routeTarget(instead.route.destination),
          device: step.dev ?? null,
          direction,
        },
        evidence: [
          {
            source: readIn(snapshot, namespace, [...ipRoute(step.destination), 'get', step.destination]),
            text: route.text,
          },
          {
            source: readIn(snapshot, namespace, [...ipRoute(step.destination), 'show']),
            text: instead.route.text,
          },
        ],
        remedies: [{ actions: [{ kind: 'delete-route', namespace, route }] }],
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `A more specific route in ${p('namespace')} sends ${p('direction') === 'back' ? 'the answer to' : 'packets for'} ${p('destination')} elsewhere: ${p('route')}`,
      explanation: (p) =>
        `Of all routes that hold a destination the kernel takes the one with the longest prefix, whatever the others say. For ${p('destination')} in ${p('namespace')} that is ${p('target')}, which leads out by ${p('device')}, where nobody knows the way. The route that it hides (${p('instead')}) would lead there. Such routes come from VPN clients, from other container networks, or were left behind.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中有一条更精确的路由把${p('direction') === 'back' ? '发往' : '去往'} ${p('destination')} 的${p('direction') === 'back' ? '应答' : '数据包'}引向别处：${p('route')}`,
      explanation: (p) =>
        `在所有包含目的地址的路由里，内核总是选前缀最长的那条，不管其他路由怎么写。在 ${p('namespace')} 中，${p('destination')} 命中的是 ${p('target')}，它从 ${p('device')} 出去，而那边没有人知道怎么走。被它遮住的路由（${p('instead')}）才通向目的地。这类路由常来自 VPN 客户端、其他容器网络，或者是遗留下来的。`,
    },
  },
};
