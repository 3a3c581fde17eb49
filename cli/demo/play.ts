import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Language } from '../../diagnostics/model/language.ts';
import { loadLab, type LoadedLab } from '../../labs/format/load.ts';
import { probeEngines } from '../../labs/sandbox/probe-engines.ts';
import { SandboxError } from '../../labs/sandbox/problem.ts';
import type { Sandbox } from '../../labs/sandbox/sandbox.ts';
import { connectSession } from '../../labs/session/client.ts';
import { withGuardedLab } from '../../labs/session/guarded-lab.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { CommandError, EXIT } from '../exit.ts';
import { showProgress } from '../progress.ts';
import { toolSaid } from '../sayings.ts';
import type { Terminal } from '../terminal.ts';
import { playAct } from './act.ts';
import { openStage, type Stage } from './stage.ts';
import { DEMO_WORDS } from './words.ts';

export interface DemoOptions {
  readonly terminal: Terminal;
  readonly language: Language;
  /** Where an engine can run. */
  readonly docker: boolean;
  /** Wait for Enter between the acts. */
  readonly step: boolean;
}

/**
 * Builds the demo's network in a sandbox, and breaks, asks, mends and proves it act by act. Nothing is left when this returns
 * or throws, nor when this process is killed.
 * @returns whether every answer was right and every fix helped
 * @throws SandboxError, SessionError, CommandError (130 where it was interrupted)
 */
export async function playDemo(options: DemoOptions): Promise<boolean> {
  const { terminal, language, docker } = options;
  const words = DEMO_WORDS[language];
  const stage = openStage(terminal, language);
  const began = performance.now();
  try {
    stage.title(words.title);
    const engines = docker ? await probeEngines() : null;
    const withDocker = engines !== null && engines.missing.length === 0 && engines.ids;
    if (!withDocker) stage.text(engines === null ? words.noDocker.asked : words.noDocker.lacking(engines));
    const right = await playNetwork(withDocker ? 'with-docker' : 'without-docker', options, stage);
    if (right) stage.good(words.end(secondsSince(began)));
    stage.text(words.gone);
    if (right) stage.commands(words.next, nextLines(words));
    return right;
  } catch (error) {
    if (terminal.signal.aborted) throw new CommandError(words.interrupted, EXIT.interrupted);
    throw error;
  }
}

/** With the engine's network where it starts; where it does not, a sentence says why, and the other network is played. */
async function playNetwork(
  variant: 'with-docker' | 'without-docker',
  options: DemoOptions,
  stage: Stage,
): Promise<boolean> {
  const { terminal, language } = options;
  const { signal } = terminal;
  const words = DEMO_WORDS[language];
  const began = performance.now();
  const installation = findInstallation(import.meta.url);
  const directory = join(installation.demo, variant);
  const loaded = await loadLab(directory);
  stage.prose(sectionOf(loaded, 'intro', language));
  const name = `demo-${process.pid}`;
  const endProgress = showProgress(terminal, words.building);
  try {
    return await withGuardedLab({ directory, name, installation, signal }, (sandbox) => {
      endProgress();
      stage.text(words.built(secondsSince(began)));
      return playActs(options, stage, loaded, sandbox);
    });
  } catch (error) {
    endProgress();
    const failed = error instanceof SandboxError && error.reason === 'did-not-start';
    if (variant === 'without-docker' || !failed) throw error;
    stage.text(words.engineFailed(toolSaid(error.message, language)));
    return playNetwork('without-docker', options, stage);
  }
}

async function playActs(
  { terminal, language, step }: DemoOptions,
  stage: Stage,
  loaded: LoadedLab,
  sandbox: Sandbox,
): Promise<boolean> {
  const words = DEMO_WORDS[language];
  const { faults } = loaded.lab;
  const client = await connectSession(sandbox.socket);
  try {
    for (const [index, fault] of faults.entries()) {
      if (step) await enter(terminal, language, stage, sandbox);
      stage.title(words.act(index + 1, faults.length, fault.title[language]));
      const story = sectionOf(loaded, fault.id, language);
      if (!(await playAct({ fault, story, lab: sandbox.name }, client, terminal, language, stage)))
        return false;
    }
    return true;
  } finally {
    client.close();
  }
}

/** @throws CommandError (130) where the person ends it here */
async function enter(terminal: Terminal, language: Language, stage: Stage, { name }: Sandbox): Promise<void> {
  const words = DEMO_WORDS[language];
  stage.text(words.lookAround(`hoplab lab shell client --lab ${name}`));
  if ((await terminal.ask(words.enter, terminal.signal)) === null)
    throw new CommandError(words.interrupted, EXIT.interrupted);
  stage.lines('');
}

const sectionOf = ({ guide }: LoadedLab, id: string, language: Language): string =>
  guide[language].find((section) => section.id === id)?.markdown ?? '';

const secondsSince = (began: number): string => ((performance.now() - began) / 1000).toFixed(1);

const nextLines = (words: (typeof DEMO_WORDS)['en']): readonly string[] => {
  const lines = [
    ['hoplab why FROM TO', words.nextWhy],
    ['hoplab lab start router', words.nextLab],
    ['hoplab doctor', words.nextDoctor],
  ] as const;
  return lines.map(([command, what]) => `${command.padEnd(26)}${what}`);
};
