import type { NamespaceId } from '../../model/ids.ts';
import type { NextHop, Route } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, routeTarget } from '../patch.ts';
import { ipRoute, routeWords, wordsThrough } from '../route-words.ts';

/** Changes one of a route's several next hops, or takes it out; the others stay. */
export interface ChangeNextHop {
  readonly kind: 'change-next-hop';
  readonly namespace: NamespaceId;
  readonly route: Route;
  readonly hop: NextHop;
  /** What takes its place; null: nothing. */
  readonly to: { readonly via: string; readonly dev: string; readonly onlink?: true } | null;
}

export const changeNextHop: ActionKind<ChangeNextHop> = {
  steps: (action, snapshot) => [
    exec(snapshot, action.namespace, [
      ...ipRoute(action.route.destination.address),
      'replace',
      ...wordsThrough(action.route, hopsAfter(action)),
    ]),
  ],
  undo: ({ namespace, route }, snapshot) => [
    exec(snapshot, namespace, [...ipRoute(route.destination.address), 'replace', ...routeWords(route)]),
  ],
  change: (action, snapshot) =>
    changeRoutes(snapshot, action.namespace, (routes) =>
      routes.map((it) =>
        it.text === action.route.text && it.table === action.route.table
          ? {
              ...it,
              nextHops: hopsAfter(action),
              text: wordsThrough(action.route, hopsAfter(action)).join(' '),
            }
          : it,
      ),
    ),
  text: {
    en: ({ route, hop, to }, where) => ({
      title:
        to === null
          ? `Take ${nameOf(hop)} out of the next hops for ${routeTarget(route.destination)} in ${where}`
          : `Let ${to.via} take the place of ${nameOf(hop)} among the next hops for ${routeTarget(route.destination)} in ${where}`,
      permanent: `Correct the next hops in the network configuration of ${where}, or in the routing daemon that makes the route.`,
      sideEffects: [],
    }),
    'zh-cn': ({ route, hop, to }, where) => ({
      title:
        to === null
          ? `从 ${where} 到 ${routeTarget(route.destination)} 的各个下一跳中去掉 ${nameOf(hop)}`
          : `在 ${where} 到 ${routeTarget(route.destination)} 的各个下一跳中，用 ${to.via} 代替 ${nameOf(hop)}`,
      permanent: `在 ${where} 的网络配置或生成该路由的路由守护进程中改正下一跳。`,
      sideEffects: [],
    }),
  },
};

const nameOf = ({ via, dev }: NextHop): string => via ?? dev ?? '';

/** What is left alone has no weight to be compared. */
const hopsAfter = ({ route, hop, to }: ChangeNextHop): readonly NextHop[] => {
  const changed = route.nextHops.flatMap((it): readonly NextHop[] => {
    if (it.via !== hop.via || it.dev !== hop.dev) return [it];
    if (to === null) return [];
    return [{ via: to.via, dev: to.dev, weight: it.weight, flags: to.onlink ? ['onlink'] : [] }];
  });
  return changed.length === 1 ? changed.map((it) => ({ ...it, weight: 1 })) : changed;
};
