import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import { listSandboxes, ready, stopSandbox } from '../../labs/sandbox/sandbox.ts';
import { connectSession } from '../../labs/session/client.ts';
import { findLab } from '../../labs/session/find-lab.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { launchLab } from '../../labs/session/launch.ts';
import { readEvents } from '../../labs/session/learner.ts';
import { readProgress } from '../../labs/session/progress.ts';
import type { LabStatus } from '../../labs/session/protocol.ts';
import { fromOutside } from './outside.ts';
import { catalogue, directoryOf } from './catalogue.ts';
import type { Action, LabContext, LabOptions } from './context.ts';

function whatNext({ nodes }: LabStatus, language: Language): string {
  // The hosts themselves are rarely where the learner works.
  const inside = nodes.filter(({ name, host }) => name !== host);
  const [first, ...more] = (inside.length > 0 ? inside : nodes).map(({ name }) => displayText(name));
  const all = [first, ...more];
  return language === 'en'
    ? `What to do and why:     hoplab lab guide\nA terminal in a node:   hoplab lab shell ${first ?? 'NODE'}${more.length > 0 ? ` (${all.join(', ')})` : ''}`
    : `要做什么、为什么：hoplab lab guide\n进入节点的终端：  hoplab lab shell ${first ?? '节点'}${more.length > 0 ? `（${all.join('、')}）` : ''}`;
}

/** What there is, starting one, stopping it. */
export function lifecycleActions(context: LabContext): {
  readonly list: Action<[LabOptions]>;
  readonly start: Action<[string, LabOptions]>;
  readonly stop: Action<[string | undefined, LabOptions]>;
} {
  const { terminal, language, print, json, progress, show, guarded } = context;
  return {
    list: guarded(async (options) => {
      const [entries, events, running] = await Promise.all([catalogue(), readEvents(), listSandboxes()]);
      const labs = entries.map(({ loaded: { lab: one } }) => {
        const steps = one.steps.map((step) => step.id);
        const done = readProgress(events, one.id, steps).done.length;
        return {
          id: one.id,
          number: one.number,
          title: one.title[language],
          summary: one.summary[language],
          level: one.level,
          minutes: one.minutes,
          needs: one.needs,
          steps: { done, total: steps.length },
          running: running.filter((sandbox) => sandbox.lab === one.id).map((sandbox) => sandbox.name),
        };
      });
      if (options.json) return json({ schema: 1, labs });
      for (const one of labs)
        print(
          `${String(one.number).padStart(2)}  ${one.id}  ${one.title}  ${one.steps.done}/${one.steps.total}${one.running.length > 0 ? `  ▶ ${one.running.join(', ')}` : ''}\n    ${one.summary}`,
        );
    }),

    start: guarded(async (wanted, options) => {
      const directory = await directoryOf(wanted);
      if (wanted.includes('/') && process.getuid?.() !== 0 && !options.json)
        terminal.stderr(
          language === 'en'
            ? 'This lab is none of Hoplab’s own: its commands run as you, without a network, and reach your files.\n'
            : '这不是 Hoplab 自带的实验：它的命令以你的身份运行，没有外部网络，但能访问你的文件。\n',
        );
      progress('…');
      const { sandbox, joined } = await launchLab({
        directory,
        installation: findInstallation(import.meta.url),
        fresh: options.fresh === true,
        another: options.another === true,
        signal: terminal.signal,
      });
      try {
        await ready(sandbox, terminal.signal);
        const client = await connectSession(sandbox.socket, terminal.signal);
        try {
          const status =
            joined && options.fresh
              ? await client.request('reset', { language })
              : await client.request('status', { language });
          show(status, options);
          if (!options.json) print(whatNext(status, language));
        } finally {
          client.close();
        }
      } catch (error) {
        // A start that is taken back leaves nothing; a lab that somebody else has started goes on.
        if (terminal.signal.aborted && !joined) await stopSandbox(sandbox);
        throw error;
      }
    }),

    stop: guarded(async (wanted, options) => {
      const all = await listSandboxes();
      const meant = options.all ? all : [fromOutside(await findLab(wanted, terminal.env))];
      await Promise.all(meant.map(stopSandbox));
      const stopped = meant.map((one) => one.name);
      if (options.json) json({ schema: 1, stopped });
      else if (stopped.length > 0)
        print(language === 'en' ? `Removed: ${stopped.join(', ')}` : `已移除：${stopped.join('、')}`);
    }),
  };
}
