import type { FixStep } from '../../model/diagnosis.ts';
import type { HostId } from '../../model/ids.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { ActionKind } from '../action.ts';

/** Starts a stopped container. What it will then do cannot be told beforehand, so on paper nothing changes. */
export interface StartContainer {
  readonly kind: 'start-container';
  readonly host: HostId;
  readonly container: string;
}

export const startContainer: ActionKind<StartContainer> = {
  steps: (action) => [docker(action, 'start')],
  undo: (action) => [docker(action, 'stop')],
  change: (_action, snapshot) => snapshot,
  text: {
    en: ({ container }) => ({
      title: `Start the container ${container}`,
      permanent: `Give it a restart policy: docker update --restart unless-stopped ${shellWord(container)}`,
      sideEffects: ['The program in it starts from its beginning.'],
    }),
    'zh-cn': ({ container }) => ({
      title: `启动容器 ${container}`,
      permanent: `给它设置重启策略：docker update --restart unless-stopped ${shellWord(container)}`,
      sideEffects: ['容器里的程序会从头运行。'],
    }),
  },
};

const docker = (action: StartContainer, verb: 'start' | 'stop'): FixStep => ({
  kind: 'engine',
  host: action.host,
  namespace: null,
  argv: ['docker', verb, action.container],
});
