import { addressBits, prefixContains, prefixRange, sameAddress } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { decisionsOf, ledAstray, routesIn, wouldArrive, type Decision } from '../detour.ts';
import { readIn } from '../evidence.ts';
import { changeRoutes, makeRoute, routeTarget } from '../../fixes/patch.ts';
import { ipRoute, tableWords } from '../../fixes/route-words.ts';
import { linkTowards } from '../gateways.ts';
import { labelIn } from '../situation.ts';

/**
 * An interface has an address of the destination's network, who has the destination is right there, and a more general route
 * takes the packet elsewhere: the route that the kernel writes with an address (fib_add_ifaddr(), addrconf_prefix_route())
 * was taken away, or never written (`noprefixroute`).
 */
export const connectedRouteMissing: CauseKind = {
  id: 'connected-route-missing',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, direction } = situation;
    for (const decision of decisionsOf(situation)) {
      const { namespace, route, step } = decision;
      const lost = lostNetwork(snapshot, decision);
      if (!lost || !ledAstray(situation, decision)) continue;
      const { network, dev } = lost;
      if (!wouldArrive(situation, withNetwork(snapshot, namespace, lost))) continue;
      return {
        id: 'connected-route-missing',
        place: { namespace },
        certainty: 'certain',
        params: {
          namespace: labelIn(snapshot, namespace),
          network: routeTarget(network),
          device: dev,
          own: lost.own,
          destination: step.destination,
          route: route.text,
          direction,
        },
        evidence: [
          {
            source: readIn(snapshot, namespace, [
              ...ipRoute(step.destination),
              ...(tableWords(route).length === 0 ? ['show'] : tableWords(route)),
            ]),
            text: route.text,
          },
        ],
        remedies: [{ actions: [{ kind: 'add-route', namespace, destination: network, dev }] }],
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} has ${p('own')} on ${p('device')}, but no route to the network ${p('network')} there`,
      explanation: (p) =>
        `With an address the kernel also writes the route to its network, unless it is told not to (noprefixroute). In ${p('namespace')} that of ${p('network')} by ${p('device')} is missing. So ${p('direction') === 'back' ? 'the answer to' : 'what is for'} ${p('destination')}, a neighbour on ${p('device')}, follows a more general route (${p('route')}) and goes astray.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的 ${p('device')} 上有 ${p('own')}，却没有到那里的网络 ${p('network')} 的路由`,
      explanation: (p) =>
        `配置地址时，内核会同时写入到该地址所在网络的路由，除非指定了 noprefixroute。${p('namespace')} 缺少经 ${p('device')} 到 ${p('network')} 的这条路由。${p('destination')} 明明就在 ${p('device')} 那一侧，${p('direction') === 'back' ? '发给它的应答' : '发给它的数据包'}却被更宽泛的路由（${p('route')}）带走了。`,
    },
  },
};

interface LostNetwork {
  readonly network: { readonly address: string; readonly length: number };
  readonly dev: string;
  /** The address there, with its prefix length. */
  readonly own: string;
}

/** The network on which the destination is a neighbour, where the table that was asked has no route to it. */
function lostNetwork(snapshot: Snapshot, { namespace, route, step }: Decision): LostNetwork | null {
  const link = linkTowards(snapshot, namespace, step.destination);
  const own = link?.addresses.find(
    (it) =>
      it.length < addressBits(it.family) &&
      it.length > route.destination.length &&
      prefixContains(it, step.destination),
  );
  const range = own ? prefixRange(own) : null;
  if (!link || !own || !range) return null;
  const network = { address: range.from, length: own.length };
  const isKnown = routesIn(snapshot, namespace).some(
    ({ table, destination, nextHops }) =>
      table === route.table &&
      destination.length === network.length &&
      sameAddress(destination.address, network.address) &&
      nextHops.some(({ dev }) => dev === link.name),
  );
  return isKnown ? null : { network, dev: link.name, own: `${own.address}/${own.length}` };
}

const withNetwork = (snapshot: Snapshot, id: NamespaceId, { network, dev }: LostNetwork): Snapshot =>
  changeRoutes(snapshot, id, (routes) => [...routes, makeRoute(network, { dev })]);
