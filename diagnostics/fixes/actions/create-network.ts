import type { HostId } from '../../model/ids.ts';
import type { ActionKind } from '../action.ts';
import { clientOf, command } from '../engine-command.ts';
import { makeNetwork } from '../new-network.ts';

/** Makes a user-defined network. Its subnet is the engine's choice; on paper it is the first free one. */
export interface CreateNetwork {
  readonly kind: 'create-network';
  readonly host: HostId;
  /** Key of its engine, where that is not the one that a docker client asks. */
  readonly engine?: string;
  readonly network: string;
}

export const createNetwork: ActionKind<CreateNetwork> = {
  steps: (action, snapshot) => [command(snapshot, action, 'network', 'create', '--', action.network)],
  undo: (action, snapshot) => [command(snapshot, action, 'network', 'rm', '--', action.network)],
  change: (action, snapshot) => makeNetwork(snapshot, action, action.network),
  text: {
    en: ({ network, engine }) => ({
      title: `Make a network of your own, ${network}`,
      permanent: `Name ${network} in ${clientOf(engine)} run (--network) or in the compose file.`,
      sideEffects: [],
    }),
    'zh-cn': ({ network, engine }) => ({
      title: `创建自定义网络 ${network}`,
      permanent: `在 ${clientOf(engine)} run（--network）或 compose 文件中写上 ${network}。`,
      sideEffects: [],
    }),
  },
};
