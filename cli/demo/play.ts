import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Language } from '../../diagnostics/model/language.ts';
import { loadLab, type LoadedLab } from '../../labs/format/load.ts';
import { startGuard } from '../../labs/sandbox/guard.ts';
import { probeEngines } from '../../labs/sandbox/probe-engines.ts';
import { SandboxError } from '../../labs/sandbox/problem.ts';
import { stopSandbox, type Sandbox } from '../../labs/sandbox/sandbox.ts';
import { connectSession } from '../../labs/session/client.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { launchLab } from '../../labs/session/launch.ts';
import { CommandError, EXIT } from '../exit.ts';
import { withProgress } from '../progress.ts';
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
  const { terminal, language } = options;
  const words = DEMO_WORDS[language];
  const stage = openStage(terminal, language);
  const began = performance.now();
  const { program, demo } = findInstallation(import.meta.url);
  const name = `demo-${process.pid}`;
  const endGuard = startGuard([process.execPath, join(program, 'hoplab.mjs'), 'guard', name]);
  let running: Sandbox | null = null;
  try {
    stage.title(words.title);
    const { loaded, sandbox } = await build(options, stage, async (variant) => {
      const directory = join(demo, variant);
      const found = await loadLab(directory);
      stage.prose(sectionOf(found, 'intro', language));
      return withProgress(terminal, words.building, async () => {
        const installation = findInstallation(import.meta.url);
        const { signal } = terminal;
        return {
          loaded: found,
          sandbox: (await launchLab({ directory, name, installation, trial: true, signal })).sandbox,
        };
      });
    });
    running = sandbox;
    stage.text(words.built(secondsSince(began)));
    const right = await playActs(options, stage, loaded, sandbox);
    await stopSandbox(sandbox);
    running = null;
    if (right) stage.good(words.end(secondsSince(began)));
    stage.text(words.gone);
    if (right) stage.commands(words.next, nextLines(words));
    return right;
  } catch (error) {
    if (terminal.signal.aborted) throw new CommandError(words.interrupted, EXIT.interrupted);
    throw error;
  } finally {
    if (running) await stopSandbox(running);
    await endGuard();
  }
}

type Variant = 'with-docker' | 'without-docker';
interface Built {
  readonly loaded: LoadedLab;
  readonly sandbox: Sandbox;
}

/** With Docker where that is wished for and can be; where it is not, a sentence says why. */
async function build(
  { docker, language }: DemoOptions,
  stage: Stage,
  launch: (variant: Variant) => Promise<Built>,
): Promise<Built> {
  const words = DEMO_WORDS[language];
  const engines = docker ? await probeEngines() : null;
  if (engines?.missing.length === 0 && engines.ids) {
    try {
      return await launch('with-docker');
    } catch (error) {
      // Whether it is really the engine's fault, the start without one shows.
      if (!(error instanceof SandboxError) || error.reason !== 'did-not-start') throw error;
      stage.text(words.engineFailed(error.message));
    }
  } else stage.text(engines === null ? words.noDocker.asked : words.noDocker.lacking(engines));
  return launch('without-docker');
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
