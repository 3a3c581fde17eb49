import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { addressBits, familyOf } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind, Remedy } from '../cause.ts';
import { routeEvidence } from '../evidence.ts';
import { gatewaysTowards, linkTowards, networkOf } from '../gateways.ts';
import { unanswered } from '../unanswered.ts';
import type { Route } from '../../model/route.ts';
import { isVrf, vrfOf, type Vrf } from '../../simulate/route/vrf.ts';
import { addressedLinks, factsIn, labelIn, linksIn, vrfAsked, type WaySituation } from '../situation.ts';

/** On the way there, a namespace has no route to the destination. */
export const noRoute: CauseKind = {
  id: 'no-route',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward' || !lacksRoute(situation)) return null;
    // It came to a machine that is neither its destination nor a router.
    if (unanswered(situation)) return null;
    const { snapshot, namespace, packet, trace } = situation;
    const destination = packet.destination;
    const vrf = vrfAsked(situation);
    return {
      id: 'no-route',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        destination,
        hasDefault: hasDefault(snapshot, namespace, packet.family, vrf),
        vrf: vrf?.name ?? null,
        atStart: trace.hops.length === 1,
      },
      evidence: [
        routeEvidence(snapshot, namespace, destination, 'RTNETLINK answers: Network is unreachable'),
      ],
      remedies: routeRemedies(snapshot, namespace, destination, vrf),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} has no route to ${p('destination')}${p('vrf') === '' ? '' : ` in the VRF ${p('vrf')}`}`,
      explanation: (p) =>
        `Before a packet leaves, the kernel looks in its routing table for a network that holds the destination. In ${p('namespace')} no entry holds ${p('destination')}${p('hasDefault') === 'true' ? '' : ', and there is no default route, which would catch everything else'}. ${p('vrf') === '' ? '' : `The VRF ${p('vrf')} has a table of its own: what the others hold is not asked for what comes in by its interfaces. `}${p('atStart') === 'true' ? 'So the packet is not even sent.' : 'So the packet came this far, and nobody knows where it should go next.'}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} ${p('vrf') === '' ? '' : `的 VRF ${p('vrf')} 中`}没有到 ${p('destination')} 的路由`,
      explanation: (p) =>
        `数据包离开之前，内核要在路由表里找出包含目的地址的网络。${p('namespace')} 的路由表里没有一条包含 ${p('destination')}${p('hasDefault') === 'true' ? '' : '，也没有能兜底的默认路由'}。${p('vrf') === '' ? '' : `VRF ${p('vrf')} 有自己的路由表：从它的接口进来的数据包不查其他的表。`}${p('atStart') === 'true' ? '所以数据包根本没有发出去。' : '数据包到了这里，却不知道下一步该往哪里走。'}`,
    },
  },
};

export const lacksRoute = ({ snapshot, namespace, step, trace }: WaySituation): boolean =>
  trace.disposition === 'no-route' &&
  step.kind === 'route' &&
  (step.route === null || endsVrf(snapshot, namespace, step.route));

/** The route at the end of a VRF's table that keeps what it has no route for from other tables (Documentation/networking/vrf.rst). */
const endsVrf = (snapshot: Snapshot, id: NamespaceId, { type, destination, table }: Route): boolean =>
  type === 'unreachable' &&
  destination.length === 0 &&
  linksIn(snapshot, id).some((link) => isVrf(link) && link.kind.table === table);

const MAIN_TABLE = 254;

const hasDefault = (snapshot: Snapshot, id: NamespaceId, asked: 4 | 6, vrf: Vrf | null): boolean =>
  valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []).some(
    ({ type, table, destination, family }) =>
      table === (vrf?.kind.table ?? MAIN_TABLE) &&
      family === asked &&
      destination.length === 0 &&
      type === 'unicast',
  );

/**
 * A route through each neighbour that could take the packet further. An end with one network wants a default gateway; a
 * router, which has several, the one network that it does not know.
 */
export function routeRemedies(
  snapshot: Snapshot,
  namespace: NamespaceId,
  destination: string,
  vrf: Vrf | null = null,
): readonly Remedy[] {
  const inside = ({ dev }: { readonly dev: string }): boolean =>
    vrfOf({ links: linksIn(snapshot, namespace) }, dev)?.name === vrf?.name;
  const family = familyOf(destination) ?? 4;
  const everything = { address: family === 6 ? '::' : '0.0.0.0', length: 0 };
  const network = networkOf(snapshot, destination);
  const isEnd =
    addressedLinks(snapshot, namespace, family).filter(({ name }) => inside({ dev: name })).length === 1;
  const targets = hasDefault(snapshot, namespace, family, vrf)
    ? [network]
    : isEnd
      ? [everything, network]
      : [network, everything];
  const direct = linkTowards(snapshot, namespace, destination);
  const alone = { address: destination, length: addressBits(family) };
  return [
    ...(direct && inside({ dev: direct.name })
      ? [
          {
            actions: [{ kind: 'add-route' as const, namespace, destination: alone, dev: direct.name }],
          },
        ]
      : []),
    ...gatewaysTowards(snapshot, namespace, destination)
      .filter(inside)
      .flatMap(({ address, ...way }) =>
        targets.map((target) => ({
          actions: [{ kind: 'add-route' as const, namespace, destination: target, via: address, ...way }],
        })),
      ),
  ];
}
