import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { addressBits, familyOf } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind, Remedy } from '../cause.ts';
import { routeEvidence } from '../evidence.ts';
import { gatewaysTowards, linkTowards, networkOf } from '../gateways.ts';
import { unanswered } from '../unanswered.ts';
import { addressedLinks, factsIn, labelIn, type WaySituation } from '../situation.ts';

/** On the way there, a namespace has no route to the destination. */
export const noRoute: CauseKind = {
  id: 'no-route',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward' || !lacksRoute(situation)) return null;
    // It came to a machine that is neither its destination nor a router.
    if (unanswered(situation)) return null;
    const { snapshot, namespace, packet, trace } = situation;
    const destination = packet.destination;
    return {
      id: 'no-route',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        destination,
        hasDefault: hasDefault(snapshot, namespace, packet.family),
        atStart: trace.hops.length === 1,
      },
      evidence: [
        routeEvidence(snapshot, namespace, destination, 'RTNETLINK answers: Network is unreachable'),
      ],
      remedies: routeRemedies(snapshot, namespace, destination),
    };
  },
  text: {
    en: {
      summary: (p) => `${p('namespace')} has no route to ${p('destination')}`,
      explanation: (p) =>
        `Before a packet leaves, the kernel looks in its routing table for a network that holds the destination. In ${p('namespace')} no entry holds ${p('destination')}${p('hasDefault') === 'true' ? '' : ', and there is no default route, which would catch everything else'}. ${p('atStart') === 'true' ? 'So the packet is not even sent.' : 'So the packet came this far, and nobody knows where it should go next.'}`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 没有到 ${p('destination')} 的路由`,
      explanation: (p) =>
        `数据包离开之前，内核要在路由表里找出包含目的地址的网络。${p('namespace')} 的路由表里没有一条包含 ${p('destination')}${p('hasDefault') === 'true' ? '' : '，也没有能兜底的默认路由'}。${p('atStart') === 'true' ? '所以数据包根本没有发出去。' : '数据包到了这里，却不知道下一步该往哪里走。'}`,
    },
  },
};

export const lacksRoute = ({ step, trace }: WaySituation): boolean =>
  trace.disposition === 'no-route' && step.kind === 'route' && step.route === null;

const hasDefault = (snapshot: Snapshot, id: NamespaceId, asked: 4 | 6): boolean =>
  valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []).some(
    ({ table, destination, family }) => table === 254 && family === asked && destination.length === 0,
  );

/**
 * A route through each neighbour that could take the packet further. An end with one network wants a default gateway; a
 * router, which has several, the one network that it does not know.
 */
export function routeRemedies(
  snapshot: Snapshot,
  namespace: NamespaceId,
  destination: string,
): readonly Remedy[] {
  const family = familyOf(destination) ?? 4;
  const everything = { address: family === 6 ? '::' : '0.0.0.0', length: 0 };
  const network = networkOf(snapshot, destination);
  const isEnd = addressedLinks(snapshot, namespace, family).length === 1;
  const targets = hasDefault(snapshot, namespace, family)
    ? [network]
    : isEnd
      ? [everything, network]
      : [network, everything];
  const direct = linkTowards(snapshot, namespace, destination);
  const alone = { address: destination, length: addressBits(family) };
  return [
    ...(direct
      ? [
          {
            actions: [{ kind: 'add-route' as const, namespace, destination: alone, dev: direct.name }],
          },
        ]
      : []),
    ...gatewaysTowards(snapshot, namespace, destination).flatMap(({ address, ...way }) =>
      targets.map((target) => ({
        actions: [{ kind: 'add-route' as const, namespace, destination: target, via: address, ...way }],
      })),
    ),
  ];
}
