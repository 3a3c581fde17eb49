import type { NamespaceId } from '../../model/ids.ts';
import type { Route } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, keyOf, makeRoute, routeTarget } from '../patch.ts';
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
          ? makeRoute(route.destination, { via, dev, ...(onlink ? { flags: ['onlink'] } : {}) }, keyOf(route))
          : it,
      ),
    ),
  text: {
    en: ({ route, via }, where) => ({
      title: `Send ${routeTarget(route.destination)} from ${where} to the gateway ${via}`,
      permanent: `Correct the gateway in the network configuration of ${where}, or in the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ route, via }, where) => ({
      title: `把 ${where} 中 ${routeTarget(route.destination)} 的网关改为 ${via}`,
      permanent: `在 ${where} 的网络配置或创建它的脚本中改正网关。`,
      sideEffects: [],
    }),
  },
};

const replacement = ({ route, via, dev, onlink }: ReplaceRoute): readonly string[] => [
  routeTarget(route.destination),
  ...(route.from === undefined ? [] : ['from', routeTarget(route.from)]),
  ...['via', ...(route.family === 4 && via.includes(':') ? ['inet6'] : []), via, 'dev', dev],
  ...(onlink ? ['onlink'] : []),
  ...(route.metric === 0 ? [] : ['metric', String(route.metric)]),
  ...(route.table === 254 ? [] : ['table', String(route.table)]),
];
