import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { ipRoute } from '../route-words.ts';
import { vrfOf } from '../../simulate/route/vrf.ts';
import { changeRoutes, linksOf, makeRoute, mergeRoutes, routeTarget } from '../patch.ts';

/** Adds a route to the main table, or to that of the VRF that its device belongs to: through a gateway, or to what is on the link itself. */
export interface AddRoute {
  readonly kind: 'add-route';
  readonly namespace: NamespaceId;
  readonly destination: { readonly address: string; readonly length: number };
  readonly via?: string;
  readonly dev: string;
  /** The gateway is on the link although no network says so. */
  readonly onlink?: true;
}

export const addRoute: ActionKind<AddRoute> = {
  steps: (action, snapshot) => [
    exec(snapshot, action.namespace, [
      ...ipRoute(action.destination.address),
      'add',
      ...words(action, snapshot),
    ]),
  ],
  undo: (action, snapshot) => [
    exec(snapshot, action.namespace, [
      ...ipRoute(action.destination.address),
      'del',
      ...words(action, snapshot),
    ]),
  ],
  change: ({ namespace, destination, via, dev, onlink }, snapshot) =>
    changeRoutes(snapshot, namespace, (routes) =>
      mergeRoutes(routes, [
        makeRoute(
          destination,
          { dev, ...(via === undefined ? {} : { via }), ...(onlink ? { flags: ['onlink'] } : {}) },
          tableOf(snapshot, namespace, dev),
        ),
      ]),
    ),
  text: {
    en: (action, where) => ({
      title:
        action.destination.length === 0
          ? `Give ${where} a default gateway: ${towards(action)}`
          : `Tell ${where} that ${routeTarget(action.destination)} is reached through ${towards(action)}`,
      permanent: `Write the route into the network configuration of ${where}, or into the script that makes it.`,
      sideEffects:
        action.destination.length === 0
          ? [`Everything that ${where} sends to an unknown network then goes to ${towards(action)}.`]
          : [],
    }),
    'zh-cn': (action, where) => ({
      title:
        action.destination.length === 0
          ? `给 ${where} 设置默认网关 ${towards(action)}`
          : `在 ${where} 中添加路由：经 ${towards(action)} 到 ${routeTarget(action.destination)}`,
      permanent: `把这条路由写进 ${where} 的网络配置或创建它的脚本。`,
      sideEffects:
        action.destination.length === 0
          ? [`此后 ${where} 发往未知网络的流量都会交给 ${towards(action)}。`]
          : [],
    }),
  },
};

const towards = ({ via, dev }: AddRoute): string => via ?? dev;

const words = (
  { namespace, destination, via, dev, onlink }: AddRoute,
  snapshot: Snapshot,
): readonly string[] => {
  const { table } = tableOf(snapshot, namespace, dev);
  return [
    routeTarget(destination),
    ...(via === undefined ? [] : ['via', via]),
    ...['dev', dev],
    ...(onlink ? ['onlink'] : []),
    ...(table === undefined ? [] : ['table', String(table)]),
  ];
};

const tableOf = (snapshot: Snapshot, id: NamespaceId, dev: string): { readonly table?: number } => {
  const vrf = vrfOf({ links: linksOf(snapshot, id) }, dev);
  return vrf ? { table: vrf.kind.table } : {};
};
