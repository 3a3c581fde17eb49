import type { FixStep } from '../../model/diagnosis.ts';
import type { HostId } from '../../model/ids.ts';
import type { ActionKind } from '../action.ts';
import { attachContainer } from '../attach-container.ts';

/** Attaches a container to a network of its engine. */
export interface ConnectNetwork {
  readonly kind: 'connect-network';
  readonly host: HostId;
  readonly container: string;
  readonly network: string;
  /** The network it has to leave first: an engine connects no container that is on “none”. */
  readonly leaving?: 'none';
}

export const connectNetwork: ActionKind<ConnectNetwork> = {
  steps: (action) => [
    ...(action.leaving === undefined ? [] : [docker(action, 'disconnect', action.leaving)]),
    docker(action, 'connect'),
  ],
  undo: (action) => [
    docker(action, 'disconnect'),
    ...(action.leaving === undefined ? [] : [docker(action, 'connect', action.leaving)]),
  ],
  change: ({ host, container, network }, snapshot) => attachContainer(snapshot, host, container, network),
  text: {
    en: ({ container, network }) => ({
      title: `Connect the container ${container} to the network ${network}`,
      permanent: `It lasts as long as the container does; for its successor, name ${network} in docker run (--network) or in the compose file.`,
      sideEffects: [],
      opens: [`${container} can then reach everything on ${network}, and everything there can reach it.`],
    }),
    'zh-cn': ({ container, network }) => ({
      title: `把容器 ${container} 接入网络 ${network}`,
      permanent: `容器存在期间一直有效；重建容器时，请在 docker run（--network）或 compose 文件中写上 ${network}。`,
      sideEffects: [],
      opens: [`此后 ${container} 与 ${network} 上的所有容器可以互相访问。`],
    }),
  },
};

const docker = (
  { host, container, network }: ConnectNetwork,
  verb: 'connect' | 'disconnect',
  which = network,
): FixStep => ({
  kind: 'engine',
  host,
  namespace: null,
  argv: ['docker', 'network', verb, '--', which, container],
});
