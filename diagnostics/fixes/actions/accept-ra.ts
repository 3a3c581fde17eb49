import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeRoutes, makeRoute, mergeRoutes } from '../patch.ts';
import { writeSysctl, type WriteSysctl } from './write-sysctl.ts';

/** Lets an interface of a router take its own routers' advertisements, and puts back the route that came from them. */
export interface AcceptRa {
  readonly kind: 'accept-ra';
  readonly namespace: NamespaceId;
  readonly dev: string;
  /** The router's link-local address; null: nobody knows it, and the next advertisement has to come. */
  readonly gateway: string | null;
}

/** Longer than routers wait between two advertisements (RFC 4861, 6.2.1). */
const UNTIL_THE_NEXT_SECONDS = '1800';

const setting = ({ namespace, dev }: AcceptRa): WriteSysctl => ({
  kind: 'write-sysctl',
  namespace,
  key: `net/ipv6/conf/${dev}/accept_ra`,
  value: '2',
});

const routeWords = (gateway: string, dev: string): readonly string[] => [
  ...['default', 'via', gateway, 'dev', dev],
  ...['proto', 'ra', 'metric', '1024'],
];

const run = (action: AcceptRa, snapshot: Snapshot, verb: 'replace' | 'del') =>
  action.gateway === null
    ? []
    : [
        exec(snapshot, action.namespace, [
          ...['ip', '-6', 'route', verb, ...routeWords(action.gateway, action.dev)],
          ...(verb === 'replace' ? ['expires', UNTIL_THE_NEXT_SECONDS] : []),
        ]),
      ];

export const acceptRa: ActionKind<AcceptRa> = {
  steps: (action, snapshot) => [
    ...writeSysctl.steps(setting(action), snapshot),
    ...run(action, snapshot, 'replace'),
  ],
  undo: (action, snapshot) => [
    ...run(action, snapshot, 'del'),
    ...writeSysctl.undo(setting(action), snapshot),
  ],
  change(action, snapshot) {
    const { namespace, dev, gateway } = action;
    const accepting = writeSysctl.change(setting(action), snapshot);
    if (gateway === null) return accepting;
    const route = makeRoute(
      { address: '::', length: 0 },
      { dev, via: gateway },
      { protocol: 'ra', text: `${routeWords(gateway, dev).join(' ')} pref medium` },
    );
    return changeRoutes(accepting, namespace, (routes) => mergeRoutes(routes, [route]));
  },
  text: {
    en: ({ dev, gateway }, where) => ({
      title:
        gateway === null
          ? `Let ${dev} of ${where} take router advertisements although it forwards; the route comes back with the next one`
          : `Let ${dev} of ${where} take router advertisements although it forwards, with a default route through ${gateway} until the next one comes`,
      permanent: `Write net.ipv6.conf.${dev}.accept_ra = 2 into /etc/sysctl.d/90-hoplab.conf (for a namespace or container: where it is created).`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, gateway }, where) => ({
      title:
        gateway === null
          ? `让 ${where} 的 ${dev} 在转发的同时也接受路由器通告；下一次通告到来时路由会恢复`
          : `让 ${where} 的 ${dev} 在转发的同时也接受路由器通告，并在下一次通告到来之前先加上经 ${gateway} 的默认路由`,
      permanent: `在 /etc/sysctl.d/90-hoplab.conf 中写入 net.ipv6.conf.${dev}.accept_ra = 2（${where} 若由脚本或编排工具创建，则写在那里）。`,
      sideEffects: [],
    }),
  },
};
