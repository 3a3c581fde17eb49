import type { NamespaceId } from '../../model/ids.ts';
import { addressBits } from '../../model/ip.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, makeRoute, mergeRoutes, routeTarget } from '../patch.ts';
import { ipRoute } from '../route-words.ts';

/**
 * Adds a route by which a destination is this machine's: every one, in a table of its own, which what TPROXY gives away needs; or an
 * address of its own, in the table that the kernel looks into first.
 */
export interface AddLocalRoute {
  readonly kind: 'add-local-route';
  readonly namespace: NamespaceId;
  readonly family: 4 | 6;
  readonly table: number;
  /** The interface's own address; absent: every destination. */
  readonly own?: { readonly address: string; readonly dev: string };
}

export const addLocalRoute: ActionKind<AddLocalRoute> = {
  steps: (action, snapshot) => [exec(snapshot, action.namespace, words(action, 'add'))],
  undo: (action, snapshot) => [exec(snapshot, action.namespace, words(action, 'del'))],
  change: (action, snapshot) =>
    changeRoutes(snapshot, action.namespace, (routes) =>
      mergeRoutes(routes, [
        makeRoute(
          targetOf(action),
          { dev: action.own?.dev ?? 'lo' },
          {
            table: action.table,
            type: 'local',
            scope: 'host',
            ...(action.own ? { protocol: 'kernel' } : {}),
            // ip-route(8): IPv6 has none for a local route.
            ...(action.own && action.family === 4 ? { preferredSource: action.own.address } : {}),
            text: `local ${routeTarget(targetOf(action))} dev ${action.own?.dev ?? 'lo'} table ${action.table} scope host`,
          },
        ),
      ]),
    ),
  text: {
    en: ({ table, own }, where) => ({
      title: own
        ? `Let ${where} take what is for its own address ${own.address}`
        : `Make every destination ${where}’s own in routing table ${table}`,
      permanent: `Write the route into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects: [],
    }),
    'zh-cn': ({ table, own }, where) => ({
      title: own
        ? `让 ${where} 接收发给它自己的地址 ${own.address} 的数据包`
        : `在 ${where} 的路由表 ${table} 中把所有目的地址都当作本机的`,
      permanent: `把这条路由写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects: [],
    }),
  },
};

const targetOf = ({ family, own }: AddLocalRoute): { readonly address: string; readonly length: number } =>
  own
    ? { address: own.address, length: addressBits(family) }
    : { address: family === 6 ? '::' : '0.0.0.0', length: 0 };

const words = (action: AddLocalRoute, verb: 'add' | 'del'): readonly string[] => {
  const { own, table } = action;
  const target = routeTarget(targetOf(action));
  const inTable = ['table', String(table)];
  return own
    ? [
        ...ipRoute(own.address),
        verb,
        ...['local', target, 'dev', own.dev, ...inTable, 'proto', 'kernel', 'scope', 'host'],
        ...(action.family === 4 ? ['src', own.address] : []),
      ]
    : [...ipRoute(targetOf(action).address), verb, 'local', 'default', 'dev', 'lo', ...inTable];
};
