import type { NamespaceId } from '../../model/ids.ts';
import type { Route } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, routeTarget } from '../patch.ts';
import { ipRoute, routeWords } from '../route-words.ts';

/** Takes a route away. */
export interface DeleteRoute {
  readonly kind: 'delete-route';
  readonly namespace: NamespaceId;
  readonly route: Route;
}

export const deleteRoute: ActionKind<DeleteRoute> = {
  steps: ({ namespace, route }, snapshot) => [
    exec(snapshot, namespace, [...ipRoute(route.destination.address), 'del', ...routeWords(route)]),
  ],
  // One whose time is up is as good as none.
  undo: ({ namespace, route }, snapshot) =>
    route.expired
      ? []
      : [exec(snapshot, namespace, [...ipRoute(route.destination.address), 'add', ...routeWords(route)])],
  change: ({ namespace, route }, snapshot) =>
    changeRoutes(snapshot, namespace, (routes) =>
      routes.filter((it) => !(it.text === route.text && it.table === route.table)),
    ),
  text: {
    en: ({ route }, where) => ({
      title: `Delete the route for ${routeTarget(route.destination)} in ${where}`,
      permanent: `Remove the route from the network configuration of ${where}, or from whatever adds it.`,
      sideEffects: [],
      opens: [`Other traffic from ${where} to ${routeTarget(route.destination)} is let through too.`],
    }),
    'zh-cn': ({ route }, where) => ({
      title: `删除 ${where} 中到 ${routeTarget(route.destination)} 的这条路由`,
      permanent: `在 ${where} 的网络配置或添加它的程序中去掉这条路由。`,
      sideEffects: [],
      opens: [`${where} 发往 ${routeTarget(route.destination)} 的其他流量也会随之放行。`],
    }),
  },
};
