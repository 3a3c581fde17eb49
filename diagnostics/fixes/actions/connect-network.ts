import type { FixStep } from '../../model/diagnosis.ts';
import type { HostId } from '../../model/ids.ts';
import type { ActionKind } from '../action.ts';
import { clientOf, command } from '../engine-command.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { attachContainer } from '../attach-container.ts';

/** Attaches a container to a network of its engine. */
export interface ConnectNetwork {
  readonly kind: 'connect-network';
  readonly host: HostId;
  /** Key of its engine, where that is not the one that a docker client asks. */
  readonly engine?: string;
  readonly container: string;
  readonly network: string;
  /** The network it has to leave first: an engine connects no container that is on “none”. */
  readonly leaving?: 'none';
}

export const connectNetwork: ActionKind<ConnectNetwork> = {
  steps: (action, snapshot) => [
    ...(action.leaving === undefined ? [] : [move(snapshot, action, 'disconnect', action.leaving)]),
    move(snapshot, action, 'connect'),
  ],
  undo: (action, snapshot) => [
    move(snapshot, action, 'disconnect'),
    ...(action.leaving === undefined ? [] : [move(snapshot, action, 'connect', action.leaving)]),
  ],
  change: (action, snapshot) => attachContainer(snapshot, action, action.container, action.network),
  text: {
    en: ({ container, network, engine }) => ({
      title: `Connect the container ${container} to the network ${network}`,
      permanent: `It lasts as long as the container does; for its successor, name ${network} in ${clientOf(engine)} run (--network) or in the compose file.`,
      sideEffects: [],
      opens: [`${container} can then reach everything on ${network}, and everything there can reach it.`],
    }),
    'zh-cn': ({ container, network, engine }) => ({
      title: `把容器 ${container} 接入网络 ${network}`,
      permanent: `容器存在期间一直有效；重建容器时，请在 ${clientOf(engine)} run（--network）或 compose 文件中写上 ${network}。`,
      sideEffects: [],
      opens: [`此后 ${container} 与 ${network} 上的所有容器可以互相访问。`],
    }),
  },
};

const move = (
  snapshot: Snapshot,
  action: ConnectNetwork,
  verb: 'connect' | 'disconnect',
  which = action.network,
): FixStep => command(snapshot, action, 'network', verb, '--', which, action.container);
