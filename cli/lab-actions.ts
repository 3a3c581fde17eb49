import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { displayText } from '../diagnostics/model/display-text.ts';
import { readCatalogue, type CatalogueEntry } from '../labs/format/catalogue.ts';
import { loadLab } from '../labs/format/load.ts';
import { joinWords } from '../labs/format/words.ts';
import { listSandboxes, stopSandbox, type Sandbox } from '../labs/sandbox/sandbox.ts';
import { connectSession, type SessionClient } from '../labs/session/client.ts';
import { findLab } from '../labs/session/find-lab.ts';
import { findInstallation } from '../labs/session/installation.ts';
import { launchLab } from '../labs/session/launch.ts';
import { readEvents } from '../labs/session/learner.ts';
import { readProgress } from '../labs/session/progress.ts';
import type { LabStatus } from '../labs/session/protocol.ts';
import { Refusal } from '../labs/session/refusal.ts';
import { testLab, type Proof } from '../labs/session/tester.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit.ts';
import { asLabProblem } from './lab-problem.ts';
import { languageOf } from './language.ts';
import { statusText } from './lab-text.ts';

interface Options {
  readonly lab?: string;
  readonly json?: boolean;
  readonly run?: boolean;
  readonly all?: boolean;
  readonly fresh?: boolean;
  readonly another?: boolean;
}

type Action<A extends unknown[]> = (...args: A) => Promise<void>;

/** What each `hoplab lab …` does. */
export function lab({ terminal, exitWith }: CommandContext): {
  readonly list: Action<[Options]>;
  readonly start: Action<[string, Options]>;
  readonly status: Action<[Options]>;
  readonly check: Action<[Options]>;
  readonly hint: Action<[string | undefined, Options]>;
  readonly solve: Action<[string | undefined, Options]>;
  readonly break: Action<[string, Options]>;
  readonly reset: Action<[string | undefined, Options]>;
  readonly shell: Action<[string, Options]>;
  readonly stop: Action<[string | undefined, Options]>;
  readonly test: Action<[string | undefined, Options]>;
} {
  const language = languageOf(terminal.env);
  const colour = terminal.interactive.stdout && !terminal.env['NO_COLOR'];
  const print = (text: string): void => terminal.stdout(`${text}\n`);
  const json = (data: unknown): void => terminal.stdout(`${JSON.stringify(data, null, 2)}\n`);
  const progress = (text: string): void => {
    if (terminal.interactive.stderr) terminal.stderr(`${text}\n`);
  };
  const show = (status: LabStatus, options: Options): void => {
    if (options.json) json(status);
    else print(statusText(status, language, colour));
  };

  /** Runs an action; whatever a lab or its sandbox refuses becomes one clear line. */
  const guarded =
    <A extends unknown[]>(action: Action<A>): Action<A> =>
    async (...args) => {
      try {
        await action(...args);
      } catch (error) {
        throw asLabProblem(error, language);
      }
    };

  const withSession = async <T>(
    options: Options,
    action: (client: SessionClient, sandbox: Sandbox | null) => Promise<T>,
  ): Promise<T> => {
    const { socket, sandbox } = await findLab(options.lab, terminal.env);
    const client = await connectSession(socket);
    try {
      return await action(client, sandbox);
    } finally {
      client.close();
    }
  };

  const catalogue = (): Promise<readonly CatalogueEntry[]> =>
    readCatalogue(findInstallation(import.meta.url).catalogue);

  /** The directory of a lab by its id, its number, or as a path. */
  const directoryOf = async (wanted: string): Promise<string> => {
    if (wanted.includes('/') && existsSync(resolve(wanted, 'lab.yaml'))) return resolve(wanted);
    const entries = await catalogue();
    const found = entries.find(
      ({ loaded }) => loaded.lab.id === wanted || String(loaded.lab.number) === wanted,
    );
    if (found) return found.directory;
    const ids = entries.map(({ loaded }) => loaded.lab.id).join(', ');
    throw new Refusal(
      'unknown',
      `There is no lab ${wanted}; there are ${ids}.`,
      `没有名为 ${wanted} 的实验，现有 ${ids}。`,
    );
  };

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
      progress('…');
      const { lab: asked } = await loadLab(directory);
      const already = options.another
        ? undefined
        : (await listSandboxes()).find((one) => one.lab === asked.id);
      const sandbox =
        already ??
        (await launchLab({
          directory,
          installation: findInstallation(import.meta.url),
          fresh: options.fresh === true,
          signal: terminal.signal,
        }));
      const client = await connectSession(sandbox.socket);
      try {
        const status =
          already && options.fresh
            ? await client.request('reset', { language })
            : await client.request('status', { language });
        show(status, options);
        if (!options.json)
          print(
            language === 'en'
              ? `A terminal in a node: hoplab lab shell ${status.nodes[0]?.name ?? 'NODE'}`
              : `进入节点的终端：hoplab lab shell ${status.nodes[0]?.name ?? 'NODE'}`,
          );
      } finally {
        client.close();
      }
    }),

    status: guarded((options) =>
      withSession(options, async (client) => show(await client.request('status', { language }), options)),
    ),

    check: guarded((options) =>
      withSession(options, async (client) => {
        const status = await client.request('check', { language });
        show(status, options);
        if (status.currentStep !== null) exitWith(EXIT.unreachable);
      }),
    ),

    hint: guarded((step, options) =>
      withSession(options, async (client) => {
        const hint = await client.request('hint', { language, ...(step === undefined ? {} : { step }) });
        if (options.json) json(hint);
        else print(`${hint.step} ${hint.shown}/${hint.total}: ${hint.hint ?? ''}`);
      }),
    ),

    solve: guarded((step, options) =>
      withSession(options, async (client) => {
        const run = options.run === true;
        const solved = await client.request('solve', {
          language,
          run,
          ...(step === undefined ? {} : { step }),
        });
        if (options.json) return json(solved);
        for (const { node, argv } of solved.commands) print(`${node}# ${joinWords(argv)}`);
        if (run) print(`\n${statusText(solved.status, language, colour)}`);
      }),
    ),

    break: guarded((fault, options) =>
      withSession(options, async (client) => {
        const status = await client.request('break', { language, fault });
        if (options.json) return json(status);
        const active = status.faults.find((one) => one.id === fault);
        const question = active?.question;
        const words = language === 'en' ? 'Not so any more' : '不再成立';
        print(`${words}: ${active?.symptom ?? ''}`);
        if (question)
          print(
            `hoplab why --lab ${status.sandbox} ${question.from} ${question.to}${question.port === null ? '' : `:${question.port}`}`,
          );
      }),
    ),

    reset: guarded((step, options) =>
      withSession(options, async (client) => {
        progress('…');
        show(await client.request('reset', { language, ...(step === undefined ? {} : { step }) }), options);
      }),
    ),

    shell: guarded((node, options) =>
      withSession(options, async (client, sandbox) => {
        if (!sandbox)
          throw new Refusal(
            'failed',
            'This is a node’s own terminal: open another node’s from outside of the lab.',
            '这里已经是一个节点的终端：其他节点的终端请在实验外面打开。',
          );
        const { argv, env } = await client.request('shell', { node });
        client.close();
        const [file = '', ...rest] = argv;
        const { exitCode } = await execa(file, rest, { env, stdio: 'inherit', reject: false });
        exitWith(exitCode ?? EXIT.internal);
      }),
    ),

    stop: guarded(async (wanted, options) => {
      const all = await listSandboxes();
      const meant = options.all
        ? all
        : [(await findLab(wanted, terminal.env)).sandbox].filter((one) => one !== null);
      await Promise.all(meant.map(stopSandbox));
      const stopped = meant.map((one) => one.name);
      if (options.json) json({ schema: 1, stopped });
      else if (stopped.length > 0)
        print(`${language === 'en' ? 'Removed' : '已移除'}: ${stopped.join(', ')}`);
    }),

    test: guarded(async (wanted, options) => {
      if (wanted === undefined && !options.all)
        throw new CommandError('Say which lab to test, or --all.', EXIT.usage);
      const directories = options.all
        ? (await catalogue()).map((entry) => entry.directory)
        : [await directoryOf(wanted ?? '')];
      const results: { directory: string; proofs: readonly Proof[] }[] = [];
      const report = (proof: Proof): void => {
        if (!options.json)
          print(
            `${proof.problem === null ? '✔' : '✘'} ${displayText(proof.what)}${proof.problem === null ? '' : `: ${displayText(proof.problem)}`}`,
          );
      };
      for (const directory of directories)
        results.push({
          directory,
          proofs: await testLab(directory, findInstallation(import.meta.url), report, terminal.signal),
        });
      if (options.json) json({ schema: 1, results });
      if (results.some(({ proofs }) => proofs.some((proof) => proof.problem !== null)))
        exitWith(EXIT.unreachable);
    }),
  };
}
