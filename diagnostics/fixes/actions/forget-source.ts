import type { NamespaceId } from '../../model/ids.ts';
import type { Route } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, routeTarget } from '../patch.ts';
import { ipRoute, routeWords } from '../route-words.ts';

/** A route says no longer from which address is sent (`src`): the kernel chooses one of the interface it leaves by. */
export interface ForgetSource {
  readonly kind: 'forget-source';
  readonly namespace: NamespaceId;
  readonly route: Route;
}

export const forgetSource: ActionKind<ForgetSource> = {
  steps: ({ namespace, route }, snapshot) => [
    exec(snapshot, namespace, [...ipRoute(route.destination.address), 'replace', ...withoutSource(route)]),
  ],
  undo: ({ namespace, route }, snapshot) => [
    exec(snapshot, namespace, [...ipRoute(route.destination.address), 'replace', ...routeWords(route)]),
  ],
  change: ({ namespace, route }, snapshot) =>
    changeRoutes(snapshot, namespace, (routes) =>
      routes.map((it) => {
        if (it.text !== route.text || it.table !== route.table) return it;
        const { preferredSource, ...rest } = it;
        return preferredSource === undefined ? it : { ...rest, text: withoutSource(route).join(' ') };
      }),
    ),
  text: {
    en: ({ route }, where) => ({
      title: `Let ${where} send to ${routeTarget(route.destination)} from its own choice of addresses, not from ${route.preferredSource ?? ''}`,
      permanent: `Take the source out of the route in the network configuration of ${where}, or in the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ route }, where) => ({
      title: `让 ${where} 发往 ${routeTarget(route.destination)} 时自行选择来源地址，不再用 ${route.preferredSource ?? ''}`,
      permanent: `在 ${where} 的网络配置或创建它的脚本中去掉这条路由的来源地址。`,
      sideEffects: [],
    }),
  },
};

const withoutSource = (route: Route): readonly string[] => {
  const words = routeWords(route);
  const at = words.indexOf('src');
  return at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
};
