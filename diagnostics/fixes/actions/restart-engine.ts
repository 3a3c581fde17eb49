import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { insertRule, type InsertRule } from './insert-rule.ts';

/** Starts a container engine anew, which writes all of its firewall rules again. */
export interface RestartEngine {
  readonly kind: 'restart-engine';
  readonly namespace: NamespaceId;
  /** Of the rules that it will write, those that matter here. */
  readonly restores: readonly InsertRule[];
}

export const restartEngine: ActionKind<RestartEngine> = {
  steps: ({ namespace }, snapshot) => [exec(snapshot, namespace, ['systemctl', 'restart', 'docker'])],
  undo: () => [],
  change: ({ restores }, snapshot) =>
    restores.reduce((now, action) => insertRule.change(action, now), snapshot),
  text: {
    en: (_action, where) => ({
      title: `Restart the container engine of ${where}, which writes its rules again`,
      permanent:
        'Let the firewall start before the engine, and reload it without flushing what is not its own.',
      sideEffects: ['Its containers stop, unless the engine keeps them running (live-restore).'],
    }),
    'zh-cn': (_action, where) => ({
      title: `重启 ${where} 的容器引擎，它会重新写入自己的规则`,
      permanent: '让防火墙先于引擎启动，重新加载时不要清空不属于它的规则。',
      sideEffects: ['容器会停止，除非引擎设置为让它们继续运行（live-restore）。'],
    }),
  },
};
