import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { ipRoute } from '../route-words.ts';
import { changeRoutes, makeRoute, mergeRoutes, routeTarget } from '../patch.ts';

/** Adds a route through a gateway, to the main table. */
export interface AddRoute {
  readonly kind: 'add-route';
  readonly namespace: NamespaceId;
  readonly destination: { readonly address: string; readonly length: number };
  readonly via: string;
  readonly dev: string;
}

export const addRoute: ActionKind<AddRoute> = {
  steps: (action, snapshot) => [
    exec(snapshot, action.namespace, [...ipRoute(action.destination.address), 'add', ...words(action)]),
  ],
  undo: (action, snapshot) => [
    exec(snapshot, action.namespace, [...ipRoute(action.destination.address), 'del', ...words(action)]),
  ],
  change: ({ namespace, destination, via, dev }, snapshot) =>
    changeRoutes(snapshot, namespace, (routes) =>
      mergeRoutes(routes, [makeRoute(destination, { via, dev })]),
    ),
  text: {
    en: (action, where) => ({
      title:
        action.destination.length === 0
          ? `Give ${where} a default gateway: ${action.via}`
          : `Tell ${where} that ${routeTarget(action.destination)} is reached through ${action.via}`,
      permanent: `Write the route into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects:
        action.destination.length === 0
          ? [`Everything that ${where} sends to an unknown network then goes to ${action.via}.`]
          : [],
    }),
    'zh-cn': (action, where) => ({
      title:
        action.destination.length === 0
          ? `给 ${where} 设置默认网关 ${action.via}`
          : `在 ${where} 中添加路由：经 ${action.via} 到 ${routeTarget(action.destination)}`,
      permanent: `把这条路由写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects:
        action.destination.length === 0 ? [`此后 ${where} 发往未知网络的流量都会交给 ${action.via}。`] : [],
    }),
  },
};

const words = ({ destination, via, dev }: AddRoute): readonly string[] => [
  routeTarget(destination),
  ...['via', via, 'dev', dev],
];
