import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { addressBits, familyOf, prefixContains, prefixRange, sameAddress } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding, Remedy } from '../finding.ts';
import type { AddRoute } from '../../fixes/actions/add-route.ts';
import type { FixAction } from '../../fixes/registry.ts';
import { ipRoute } from '../../fixes/route-words.ts';
import { readIn, routeEvidence } from '../evidence.ts';
import { LOCAL_TABLE } from '../../fixes/patch.ts';
import { disowned, type Disowned } from '../own-address.ts';
import { gatewaysTowards, linkTowards, networkOf } from '../gateways.ts';
import { thrownRoute } from '../thrown-route.ts';
import { unanswered } from '../unanswered.ts';
import type { Route } from '../../model/route.ts';
import { isVrf, vrfOf, type Vrf } from '../../simulate/route/vrf.ts';
import { addressedLinks, factsIn, labelIn, linksIn, vrfAsked, type WaySituation } from '../situation.ts';

/** On the way there, a namespace has no route to the destination. */
export const noRoute: CauseKind = {
  id: 'no-route',
  find(situation) {
    if (situation.type !== 'way') return null;
    const lost = disowned(situation);
    if (lost?.lacks === 'route') return withoutOwn(situation, lost);
    if (situation.direction !== 'forward' || !lacksRoute(situation)) return null;
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
        device: null,
        ...suppressed(snapshot, namespace, destination),
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
        p('device') !== ''
          ? `${p('namespace')} has ${p('destination')} on ${p('device')}, and no route by which it would take what is for it`
          : `${p('namespace')} has no route to ${p('destination')}${p('vrf') === '' ? '' : ` in the VRF ${p('vrf')}`}`,
      explanation: (p) =>
        p('device') !== ''
          ? `With each address the kernel writes a route of type “local” into the table “local”: what is for this address is for this machine. In ${p('namespace')} that of ${p('destination')} is gone, although the address is still on ${p('device')}, and so it treats such packets as somebody else's.`
          : `Before a packet leaves, the kernel looks in its routing table for a network that holds the destination. In ${p('namespace')} no entry holds ${p('destination')}${p('hasDefault') === 'true' ? '' : ', and there is no default route, which would catch everything else'}. ${p('suppressed') === '' ? '' : `There is “${p('suppressed')}”, but the policy rule “${p('rule')}” passes over routes as general as that. `}${p('vrf') === '' ? '' : `The VRF ${p('vrf')} has a table of its own: what the others hold is not asked for what comes in by its interfaces. `}${p('atStart') === 'true' ? 'So the packet is not even sent.' : 'So the packet came this far, and nobody knows where it should go next.'}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('device') !== ''
          ? `${p('namespace')} 的 ${p('device')} 上有 ${p('destination')}，却没有让它接收发给这个地址的数据包的路由`
          : `${p('namespace')} ${p('vrf') === '' ? '' : `的 VRF ${p('vrf')} 中`}没有到 ${p('destination')} 的路由`,
      explanation: (p) =>
        p('device') !== ''
          ? `每配上一个地址，内核就在 local 表里写一条 local 类型的路由：发给这个地址的就是发给本机的。${p('namespace')} 里 ${p('destination')} 的这条路由不见了，虽然地址还在 ${p('device')} 上，于是这些数据包被当成别人的。`
          : `数据包离开之前，内核要在路由表里找出包含目的地址的网络。${p('namespace')} 的路由表里没有一条包含 ${p('destination')}${p('hasDefault') === 'true' ? '' : '，也没有能兜底的默认路由'}。${p('suppressed') === '' ? '' : `虽然有“${p('suppressed')}”，但策略规则“${p('rule')}”会忽略这么宽泛的路由。`}${p('vrf') === '' ? '' : `VRF ${p('vrf')} 有自己的路由表：从它的接口进来的数据包不查其他的表。`}${p('atStart') === 'true' ? '所以数据包根本没有发出去。' : '数据包到了这里，却不知道下一步该往哪里走。'}`,
    },
  },
};

/** The route that a policy rule passes over for being too general (suppress_prefixlength), as wg-quick and the like set it. */
function suppressed(
  snapshot: Snapshot,
  id: NamespaceId,
  destination: string,
): { readonly suppressed: string | null; readonly rule: string | null } {
  const facts = factsIn(snapshot, id);
  const routes = valueOr(facts?.routes ?? { state: 'absent' }, []);
  for (const rule of valueOr(facts?.rules ?? { state: 'absent' }, [])) {
    const { suppressPrefixLength: length, action } = rule;
    if (length === undefined || action.type !== 'lookup') continue;
    const route = routes.find(
      (it) =>
        it.table === action.table &&
        it.type === 'unicast' &&
        it.family === rule.family &&
        it.destination.length <= length &&
        prefixContains(it.destination, destination),
    );
    if (route) return { suppressed: route.text, rule: rule.text };
  }
  return { suppressed: null, rule: null };
}

const withoutOwn = ({ snapshot }: WaySituation, { namespace, link, address }: Disowned): Finding => ({
  id: 'no-route',
  place: { namespace },
  certainty: 'certain',
  params: { namespace: labelIn(snapshot, namespace), destination: address, device: link.name, vrf: null },
  evidence: [
    {
      source: readIn(snapshot, namespace, [...ipRoute(address), 'show', 'table', 'local']),
      text: `(${address})`,
    },
  ],
  remedies: [
    {
      actions: [
        {
          kind: 'add-local-route',
          namespace,
          family: address.includes(':') ? 6 : 4,
          table: LOCAL_TABLE,
          own: { address, dev: link.name },
        },
      ],
    },
  ],
});

export function lacksRoute(situation: WaySituation): boolean {
  const { snapshot, namespace, step, trace } = situation;
  if (trace.disposition !== 'no-route' || step.kind !== 'route') return false;
  return step.route === null ? thrownRoute(situation) === null : endsVrf(snapshot, namespace, step.route);
}

/** The route at the end of a VRF's table that keeps what it has no route for from other tables (Documentation/networking/vrf.rst). */
const endsVrf = (snapshot: Snapshot, id: NamespaceId, { type, destination, table }: Route): boolean =>
  type === 'unreachable' &&
  destination.length === 0 &&
  linksIn(snapshot, id).some((link) => isVrf(link) && link.kind.table === table);

const MAIN_TABLE = 254;

const hasDefault = (snapshot: Snapshot, id: NamespaceId, asked: 4 | 6, vrf: Vrf | null): boolean =>
  valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []).some(
    ({ type, table, destination, family, expired }) =>
      !expired &&
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
  // An interface whose address holds the destination has lost its network's route (or never had it: noprefixroute).
  const own = direct?.addresses.find((it) => prefixContains(it, destination));
  const range = own ? prefixRange(own) : null;
  const lost = own && range ? [{ address: range.from, length: own.length }] : [];
  const added = (action: AddRoute): Remedy => ({ actions: [...inItsPlace(snapshot, action), action] });
  return [
    ...(direct && inside({ dev: direct.name })
      ? [...lost, alone].map((target) =>
          added({ kind: 'add-route', namespace, destination: target, dev: direct.name }),
        )
      : []),
    ...gatewaysTowards(snapshot, namespace, destination)
      .filter((gateway) => inside(gateway) && !sameAddress(gateway.address, destination))
      .flatMap(({ address, ...way }) =>
        targets.map((target) =>
          added({ kind: 'add-route', namespace, destination: target, via: address, ...way }),
        ),
      ),
  ];
}

/** A route whose time is up, where the new one is to be: the kernel refuses that (EEXIST) until it has cleaned up. */
const inItsPlace = (
  snapshot: Snapshot,
  { namespace, destination, via, dev }: AddRoute,
): readonly FixAction[] =>
  valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, [])
    .filter((route) => route.expired && route.destination.length === destination.length)
    .filter(({ destination: { address } }) => sameAddress(address, destination.address))
    .filter(({ nextHops }) => nextHops.some((hop) => hop.dev === dev && hop.via === via))
    .map((route) => ({ kind: 'delete-route', namespace, route }));
