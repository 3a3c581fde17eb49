import { ipRoute } from '../../fixes/route-words.ts';
import { sameAddress } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding, Remedy } from '../finding.ts';
import { decisionsOf, withGateway, withoutRoute, wouldArrive, type Decision } from '../detour.ts';
import { readIn } from '../evidence.ts';
import { gatewaysTowards, type Gateway } from '../gateways.ts';
import { labelIn, linksIn, type WaySituation } from '../situation.ts';

/** Routers send a packet to each other until its time to live is used up. */
export const routingLoop: CauseKind = {
  id: 'routing-loop',
  lists: ['members'],
  find(situation) {
    if (situation.type !== 'way' || situation.trace.disposition !== 'loop') return null;
    const circle = circleOf(situation);
    const [last] = circle;
    if (!last) return null;
    for (const decision of circle) {
      const remedies = waysOut(situation, decision, circle);
      if (remedies.length > 0) return found(situation, decision, circle, remedies);
    }
    return found(situation, last, circle, []);
  },
  text: {
    en: {
      summary: (p) => `Packets for ${p('destination')} go round in a circle: ${p('circle')}`,
      explanation: (p) =>
        `Each router trusts the next one to be nearer to the destination. Here ${p('namespace')} hands packets for ${p('destination')} back towards where they came from (${p('route')}), so they go round between ${p('members')} until their time to live (TTL) is used up, and are dropped.`,
    },
    'zh-cn': {
      summary: (p) => `发往 ${p('destination')} 的数据包在兜圈子：${p('circle')}`,
      explanation: (p) =>
        `每个路由器都相信下一个离目的地更近。而这里 ${p('namespace')} 把发往 ${p('destination')} 的数据包又交回它来的方向（${p('route')}），于是数据包在 ${p('members')} 之间来回转，直到生存时间（TTL）耗尽被丢弃。`,
    },
  },
};

const found = (
  { snapshot }: WaySituation,
  { namespace, step, route }: Decision,
  circle: readonly Decision[],
  remedies: readonly Remedy[],
): Finding => {
  const members = [...new Set(circle.map((it) => labelIn(snapshot, it.namespace)))].reverse();
  return {
    id: 'routing-loop',
    place: { namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, namespace),
      destination: step.destination,
      route: route.text,
      members: members.join(', '),
      circle: [...members, members[0] ?? ''].join(' → '),
    },
    evidence: circle.map((it) => ({
      source: readIn(snapshot, it.namespace, [...ipRoute(step.destination), 'get', step.destination]),
      text: it.route.text,
    })),
    remedies,
  };
};

/** The decisions of those who see the packet again, once each, the last first. */
function circleOf(situation: WaySituation): readonly Decision[] {
  const { hops } = situation.trace;
  const last = hops.at(-1)?.namespace;
  const from = hops.findIndex(({ namespace }) => namespace === last);
  const inside = new Set(hops.slice(from < 0 ? 0 : from).map(({ namespace }) => namespace));
  const decisions = decisionsOf(situation).filter(
    ({ namespace, step }) => inside.has(namespace) && step.lookup === 'input',
  );
  return decisions.filter(
    (one, at) => decisions.findIndex(({ namespace }) => namespace === one.namespace) === at,
  );
}

/** Another gateway, outside of the circle, by which the packet gets there; or, where a better route is hidden, without this one. */
function waysOut(
  situation: WaySituation,
  { namespace, route, step }: Decision,
  circle: readonly Decision[],
): readonly Remedy[] {
  const { snapshot } = situation;
  const others = circle.map((it) => it.namespace).filter((id) => id !== namespace);
  const inCircle = ({ address }: Gateway): boolean =>
    others.some((id) =>
      linksIn(snapshot, id).some(({ addresses }) =>
        addresses.some((own) => sameAddress(own.address, address)),
      ),
    );
  const gateways = gatewaysTowards(snapshot, namespace, step.destination).filter(
    (it) => !inCircle(it) && !sameAddress(it.address, step.destination),
  );
  const replaced = gateways
    .filter((gateway) => wouldArrive(situation, withGateway(snapshot, namespace, route, gateway)))
    .map((gateway): Remedy => ({
      actions: [{ kind: 'replace-route', namespace, route, via: gateway.address, dev: gateway.dev }],
    }));
  const dropped: readonly Remedy[] =
    route.protocol !== 'kernel' && wouldArrive(situation, withoutRoute(snapshot, namespace, route))
      ? [{ actions: [{ kind: 'delete-route', namespace, route }] }]
      : [];
  return [...dropped, ...replaced];
}
