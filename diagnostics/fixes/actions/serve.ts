import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { ListeningSocket } from '../../model/socket.ts';
import { withFacts } from '../../model/snapshot.ts';
import type { ActionKind } from '../action.ts';

/** A person starts the service, or makes it listen on every address: no command of ours can. */
export interface Serve {
  readonly kind: 'serve';
  readonly namespace: NamespaceId;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** On every IPv6 address; absent: on every IPv4 one. */
  readonly family?: 6;
  /** A proxy, which takes what is for others (IP_TRANSPARENT). */
  readonly transparent?: true;
  /** In this VRF, rather than on every interface. */
  readonly vrf?: string;
  /** The address it listens on now, where it does, and its program's name where that is known. */
  readonly instead: {
    readonly address: string;
    readonly program: string | null;
    /** The one interface that it listens on (SO_BINDTODEVICE), where that is what keeps others out. */
    readonly device?: string;
  } | null;
}

export const serve: ActionKind<Serve> = {
  steps: () => [],
  undo: () => [],
  change: ({ namespace, protocol, port, family, vrf, transparent }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      sockets:
        facts.sockets.state === 'known'
          ? known([
              ...facts.sockets.value,
              {
                ...everywhere(protocol, port, family ?? 4),
                ...(vrf === undefined ? {} : { device: vrf }),
                ...(transparent ? { transparent } : {}),
              },
            ])
          : facts.sockets,
    })),
  text: {
    en: ({ port, protocol, instead, family, vrf, transparent }, where) => ({
      title: transparent
        ? `Start the proxy that should take ${protocol} port ${port} in ${where}, or let it listen transparently (IP_TRANSPARENT)`
        : vrf !== undefined
          ? `Start ${instead?.program ?? `the service of ${protocol} port ${port}`} in the VRF ${vrf} of ${where}: ip vrf exec ${vrf} PROGRAM`
          : instead === null
            ? `Start the service that should listen on ${protocol} port ${port} in ${where}`
            : instead.device === undefined
              ? `Let ${instead.program ?? 'the service'} in ${where} listen on ${EVERYWHERE[family ?? 4]} instead of ${instead.address}`
              : `Let ${instead.program ?? 'the service'} in ${where} listen on every interface, not only on ${instead.device}`,
      permanent:
        vrf !== undefined
          ? `Start it by “ip vrf exec ${vrf}” wherever it is started, or let its configuration bind it to the interface ${vrf}.`
          : instead === null
            ? null
            : instead.device === undefined
              ? 'Change the listen (or bind) address in its configuration, and restart it.'
              : 'Change the interface that its configuration binds it to, and restart it.',
      sideEffects: [],
      opens: instead === null ? [] : [`Port ${port} is then open to everybody who can reach ${where}.`],
    }),
    'zh-cn': ({ port, protocol, instead, family, vrf, transparent }, where) => ({
      title: transparent
        ? `启动 ${where} 中应接管 ${protocol} 端口 ${port} 的代理，或者让它透明地监听（IP_TRANSPARENT）`
        : vrf !== undefined
          ? `在 ${where} 的 VRF ${vrf} 中启动${instead?.program ?? `监听 ${protocol} 端口 ${port} 的服务`}：ip vrf exec ${vrf} 程序`
          : instead === null
            ? `在 ${where} 中启动应监听 ${protocol} 端口 ${port} 的服务`
            : instead.device === undefined
              ? `让 ${where} 中的 ${instead.program ?? '服务'} 监听 ${EVERYWHERE[family ?? 4]}，而不是 ${instead.address}`
              : `让 ${where} 中的 ${instead.program ?? '服务'} 监听所有接口，而不只是 ${instead.device}`,
      permanent:
        vrf !== undefined
          ? `无论它在哪里启动，都用“ip vrf exec ${vrf}”来启动；或者在它的配置里把它绑定到接口 ${vrf}。`
          : instead === null
            ? null
            : instead.device === undefined
              ? '在它的配置里修改监听（bind）地址，然后重启。'
              : '在它的配置里修改所绑定的接口，然后重启。',
      sideEffects: [],
      opens: instead === null ? [] : [`此后凡能到达 ${where} 的人都能访问端口 ${port}。`],
    }),
  },
};

const EVERYWHERE = { 4: '0.0.0.0', 6: '::' } as const;

const everywhere = (protocol: 'tcp' | 'udp', port: number, family: 4 | 6): ListeningSocket => ({
  protocol,
  family,
  address: EVERYWHERE[family],
  port,
  v6only: false,
});
