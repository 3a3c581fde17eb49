import { expect } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openLab, openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { applyFixes, undoSteps, type ApplyResult } from '../../diagnostics/question/apply.ts';
import { stepRunner, type StepRunner } from '../../diagnostics/question/run-step.ts';
import { ask as askLive, brief, type Asked } from './cause-case.ts';
import { expectChinese } from './chinese-report.ts';
import type { TestEngine } from './docker.ts';
import type { TestPodman } from './podman.ts';

/** Runs httpd on port 80 of every address. */
export const SERVER: readonly string[] = ['busybox', 'httpd', '-f', '-p', '80'];
const IDLE: readonly string[] = ['busybox', 'sleep', '1000'];

/** Questions about the containers of one real engine. */
export interface DockerCase {
  readonly engine: TestEngine;
  readonly machine: Machine;
  /** Starts a container: `options` as in `docker run`, split at blanks; without a command it only stays. */
  run(name: string, options: string, command?: readonly string[]): Promise<string>;
  ask(asked: Asked, probe?: boolean): Promise<Diagnosis>;
  /** Waits until the answer is yes: a server that listens is ready. */
  serving(asked: Asked): Promise<void>;
  /** Asserts that the answer is no, for this one reason, and that kernel and prediction agree. */
  expectCause(asked: Asked, id: string, certainty?: 'certain' | 'likely'): Promise<Diagnosis>;
  mend(asked: Asked, diagnosis: Diagnosis): Promise<ApplyResult>;
  /** The fix was proven on paper, makes the real probe succeed, and its undo brings the fault back. */
  mendAndUndo(asked: Asked, diagnosis: Diagnosis, certainty?: 'certain' | 'likely'): Promise<void>;
  /** How this engine's namespaces are entered to run a fix's steps now. */
  runner(): Promise<StepRunner>;
  removeContainers(): Promise<void>;
}

/** Podman understands the same words: `podmanCase`. */
export function dockerCase(
  engine: TestEngine,
  machine: Machine = openLab([{ id: 'machine', pid: null, engine: engine.endpoint }]),
): DockerCase {
  const docker: DockerCase = {
    engine,
    machine,
    run: (name, options, command = IDLE) =>
      engine.docker(['run', '-d', '--name', name, ...options.split(' ').filter(Boolean), ...command]),
    ask: (asked, probe = true) => askLive(asked, probe, machine),
    async serving(asked) {
      await expect.poll(async () => brief(await docker.ask(asked))).toContain('"verdict": "reachable"');
    },
    async expectCause(asked, id, certainty = 'certain') {
      const diagnosis = await docker.ask(asked);
      expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
      expect(
        diagnosis.causes.map((cause) => [cause.id, cause.certainty]),
        brief(diagnosis),
      ).toEqual([[id, certainty]]);
      // Silence on UDP, and a question that nothing can be sent for, prove nothing.
      expect(diagnosis.probe.agrees, brief(diagnosis)).not.toBe(false);
      expectChinese(await askLive(asked, false, machine, 'zh-cn'));
      return diagnosis;
    },
    async mend(asked, diagnosis) {
      const applied = await applyFixes(diagnosis, {
        ask: (probe) => docker.ask(asked, probe),
        run: await docker.runner(),
      });
      expect(applied.problem).toBeNull();
      expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
      return applied;
    },
    async mendAndUndo(asked, diagnosis, certainty) {
      expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
      const applied = await docker.mend(asked, diagnosis);
      expect(await undoSteps(applied.undo, await docker.runner())).toBeNull();
      await docker.expectCause(asked, diagnosis.causes[0]?.id ?? '', certainty);
    },
    runner: async () => stepRunner(machine, await createLiveSource(machine).discover()),
    async removeContainers() {
      const containers = (await engine.docker('ps -aq')).split('\n').filter(Boolean);
      if (containers.length > 0) await engine.docker(['rm', '-f', ...containers]);
    },
  };
  return docker;
}

/** Questions about the containers of one real podman; nobody says where it is. */
export const podmanCase = (podman: TestPodman): DockerCase =>
  dockerCase(
    {
      endpoint: '',
      docker: podman.podman,
      close: podman.close,
      [Symbol.asyncDispose]: () => podman.close(),
    },
    openMachine(),
  );
