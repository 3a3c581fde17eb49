import type { FixStep } from '../../model/diagnosis.ts';
import type { HostId } from '../../model/ids.ts';
import type { ActionKind } from '../action.ts';
import { makeNetwork } from '../new-network.ts';

/** Makes a user-defined network. Its subnet is the engine's choice; on paper it is the first free one. */
export interface CreateNetwork {
  readonly kind: 'create-network';
  readonly host: HostId;
  readonly network: string;
}

export const createNetwork: ActionKind<CreateNetwork> = {
  steps: (action) => [docker(action, 'create')],
  undo: (action) => [docker(action, 'rm')],
  change: ({ host, network }, snapshot) => makeNetwork(snapshot, host, network),
  text: {
    en: ({ network }) => ({
      title: `Make a network of your own, ${network}`,
      permanent: `Name ${network} in docker run (--network) or in the compose file.`,
      sideEffects: [],
    }),
    'zh-cn': ({ network }) => ({
      title: `创建自定义网络 ${network}`,
      permanent: `在 docker run（--network）或 compose 文件中写上 ${network}。`,
      sideEffects: [],
    }),
  },
};

const docker = (action: CreateNetwork, verb: 'create' | 'rm'): FixStep => ({
  kind: 'engine',
  host: action.host,
  namespace: null,
  argv: ['docker', 'network', verb, '--', action.network],
});
