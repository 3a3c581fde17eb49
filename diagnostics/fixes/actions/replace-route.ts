import type { NamespaceId } from '../../model/ids.ts';
import type { Route } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, makeRoute, routeTarget } from '../patch.ts';
import { ipRoute, routeWords } from '../route-words.ts';

/** Sends what a route catches to another gateway. */
export interface ReplaceRoute {
  readonly kind: 'replace-route';
  readonly namespace: NamespaceId;
  readonly route: Route;
  readonly via: string;
  readonly dev: string;
  /** The gateway is on the link although no network says so. */
  readonly onlink?: true;
}

export const replaceRoute: ActionKind<ReplaceRoute> = {
  steps: (action, snapshot) => [
    exec(snapshot, action.namespace, [
      ...ipRoute(action.route.destination.address),
      'replace',
      ...replacement(action),
    ]),
  ],
  undo: ({ namespace, route }, snapshot) => [
    exec(snapshot, namespace, [...ipRoute(route.destination.address), 'replace', ...routeWords(route)]),
  ],
  change: ({ namespace, route, via, dev, onlink }, snapshot) =>
    changeRoutes(snapshot, namespace, (routes) =>
      routes.map((it) =>
        it === route || it.text === route.text
          ? makeRoute(
              route.destination,
              { via, dev, ...(onlink ? { flags: ['onlink'] } : {}) },
              { table: route.table, metric: route.metric },
            )
          : it,
      ),
    ),
  text: {
    en: ({ route, via, dev }, where) => ({
      title: isSameWay(route, via, dev)
        ? `Let ${where} send to ${routeTarget(route.destination)} from its own choice of addresses, not from ${route.preferredSource}`
        : `Send ${routeTarget(route.destination)} from ${where} to the gateway ${via}`,
      permanent: `Correct the ${isSameWay(route, via, dev) ? 'route' : 'gateway'} in the network configuration of ${where}, or in the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ route, via, dev }, where) => ({
      title: isSameWay(route, via, dev)
        ? `让 ${where} 发往 ${routeTarget(route.destination)} 时自行选择来源地址，不再用 ${route.preferredSource}`
        : `把 ${where} 中 ${routeTarget(route.destination)} 的网关改为 ${via}`,
      permanent: `在 ${where} 的网络配置或创建它的脚本中改正${isSameWay(route, via, dev) ? '这条路由' : '网关'}。`,
      sideEffects: [],
    }),
  },
};

/** Nothing changes but the address that it speaks from: what replaces a route names none. */
const isSameWay = ({ preferredSource, nextHops }: Route, via: string, dev: string): boolean =>
  preferredSource !== undefined && nextHops.some((hop) => hop.via === via && hop.dev === dev);

const replacement = ({ route, via, dev, onlink }: ReplaceRoute): readonly string[] => [
  routeTarget(route.destination),
  ...['via', ...(route.family === 4 && via.includes(':') ? ['inet6'] : []), via, 'dev', dev],
  ...(onlink ? ['onlink'] : []),
  ...(route.metric === 0 ? [] : ['metric', String(route.metric)]),
  ...(route.table === 254 ? [] : ['table', String(route.table)]),
];
