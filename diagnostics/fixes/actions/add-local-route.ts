import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, makeRoute, mergeRoutes, routeTarget } from '../patch.ts';
import { ipRoute } from '../route-words.ts';

/** Adds a route to a table of its own by which every destination is this machine's: what TPROXY gives away needs it. */
export interface AddLocalRoute {
  readonly kind: 'add-local-route';
  readonly namespace: NamespaceId;
  readonly family: 4 | 6;
  readonly table: number;
}

export const addLocalRoute: ActionKind<AddLocalRoute> = {
  steps: (action, snapshot) => [exec(snapshot, action.namespace, words(action, 'add'))],
  undo: (action, snapshot) => [exec(snapshot, action.namespace, words(action, 'del'))],
  change: (action, snapshot) =>
    changeRoutes(snapshot, action.namespace, (routes) =>
      mergeRoutes(routes, [
        makeRoute(
          everything(action),
          { dev: 'lo' },
          {
            table: action.table,
            type: 'local',
            scope: 'host',
            text: `local ${routeTarget(everything(action))} dev lo table ${action.table} scope host`,
          },
        ),
      ]),
    ),
  text: {
    en: ({ table }, where) => ({
      title: `Make every destination ${where}’s own in routing table ${table}`,
      permanent: `Write the route into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ table }, where) => ({
      title: `在 ${where} 的路由表 ${table} 中把所有目的地址都当作本机的`,
      permanent: `把这条路由写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects: [],
    }),
  },
};

const everything = ({ family }: AddLocalRoute): { readonly address: string; readonly length: number } => ({
  address: family === 6 ? '::' : '0.0.0.0',
  length: 0,
});

const words = (action: AddLocalRoute, verb: 'add' | 'del'): readonly string[] => {
  const { address } = everything(action);
  return [...ipRoute(address), verb, 'local', 'default', 'dev', 'lo', 'table', String(action.table)];
};
