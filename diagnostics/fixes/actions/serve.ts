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
  /** The address it listens on now, where it does, and its program's name where that is known. */
  readonly instead: { readonly address: string; readonly program: string | null } | null;
}

export const serve: ActionKind<Serve> = {
  steps: () => [],
  undo: () => [],
  change: ({ namespace, protocol, port }, snapshot) =>
    withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      sockets:
        facts.sockets.state === 'known'
          ? known([...facts.sockets.value, everywhere(protocol, port)])
          : facts.sockets,
    })),
  text: {
    en: ({ port, protocol, instead }, where) => ({
      title:
        instead === null
          ? `Start the service that should listen on ${protocol} port ${port} in ${where}`
          : `Let ${instead.program ?? 'the service'} in ${where} listen on 0.0.0.0 instead of ${instead.address}`,
      permanent:
        instead === null ? null : 'Change the listen (or bind) address in its configuration, and restart it.',
      sideEffects: instead === null ? [] : [`Port ${port} is then open to everybody who can reach ${where}.`],
    }),
    'zh-cn': ({ port, protocol, instead }, where) => ({
      title:
        instead === null
          ? `在 ${where} 中启动应监听 ${protocol} 端口 ${port} 的服务`
          : `让 ${where} 中的 ${instead.program ?? '服务'} 监听 0.0.0.0，而不是 ${instead.address}`,
      permanent: instead === null ? null : '在它的配置里修改监听（bind）地址，然后重启。',
      sideEffects: instead === null ? [] : [`此后凡能到达 ${where} 的人都能访问端口 ${port}。`],
    }),
  },
};

const everywhere = (protocol: 'tcp' | 'udp', port: number): ListeningSocket => ({
  protocol,
  family: 4,
  address: '0.0.0.0',
  port,
  v6only: false,
});
