import type { HostId } from '../../model/ids.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { ActionKind } from '../action.ts';
import { clientOf, command } from '../engine-command.ts';

/** Starts a stopped container. What it will then do cannot be told beforehand, so on paper nothing changes. */
export interface StartContainer {
  readonly kind: 'start-container';
  readonly host: HostId;
  /** Key of its engine, where that is not the one that a docker client asks. */
  readonly engine?: string;
  readonly container: string;
}

export const startContainer: ActionKind<StartContainer> = {
  steps: (action, snapshot) => [command(snapshot, action, 'start', action.container)],
  undo: (action, snapshot) => [command(snapshot, action, 'stop', action.container)],
  change: (_action, snapshot) => snapshot,
  text: {
    en: ({ container, engine }) => ({
      title: `Start the container ${container}`,
      permanent: `Give it a restart policy: ${clientOf(engine)} update --restart unless-stopped ${shellWord(container)}`,
      sideEffects: ['The program in it starts from its beginning.'],
    }),
    'zh-cn': ({ container, engine }) => ({
      title: `启动容器 ${container}`,
      permanent: `给它设置重启策略：${clientOf(engine)} update --restart unless-stopped ${shellWord(container)}`,
      sideEffects: ['容器里的程序会从头运行。'],
    }),
  },
};
