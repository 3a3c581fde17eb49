import * as vscode from 'vscode';
import type { Diagnosis, FixStep } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Topology } from '../../diagnostics/model/topology.ts';
import type { StepRunner } from '../../diagnostics/question/run-step.ts';
import type { CommandLine } from '../command-line.ts';
import { say } from '../language.ts';
import { Problem } from '../problem.ts';
import type { Applied, ApplyRequest, Network, Permission, Question, TerminalProgram } from './network.ts';

/** The network of the machine that VS Code's extension host runs on, asked through the command line tool. */
export class MachineNetwork implements Network, vscode.Disposable {
  readonly id = 'machine';
  readonly #commandLine: CommandLine;
  readonly #changed = new vscode.EventEmitter<Topology | null>();
  readonly onDidChangeTopology = this.#changed.event;
  #topology: Topology | null = null;
  /** Takes back what was applied last. */
  #undo: readonly FixStep[] = [];

  constructor(commandLine: CommandLine) {
    this.#commandLine = commandLine;
  }

  get title(): string {
    return say('This machine');
  }

  get topology(): Topology | null {
    return this.#topology;
  }

  async refresh(signal?: AbortSignal): Promise<Topology> {
    const topology = versionOne<Topology>(await this.#commandLine.json(['map'], signal));
    this.#topology = topology;
    this.#changed.fire(topology);
    return topology;
  }

  async why(question: Question, signal?: AbortSignal): Promise<Diagnosis> {
    return versionOne<Diagnosis>(await this.#commandLine.json(whyArguments(question), signal));
  }

  permission(): Permission {
    if (!vscode.workspace.isTrusted) return 'untrusted-workspace';
    return process.getuid?.() === 0 ? 'yes' : 'needs-root';
  }

  /** The engine itself runs the steps, in this process: it has seen to it that they are still right, and knows the way back. */
  async apply({ question, diagnosis, cause, fix }: ApplyRequest): Promise<Applied> {
    const id = diagnosis.causes[cause]?.id;
    if (id === undefined) throw new Problem(say('This fix belongs to an older answer. Check again.'));
    const [{ applyFixes }, run] = await Promise.all([
      import('../../diagnostics/question/apply.ts'),
      this.#runner(),
    ]);
    const ask = (): Promise<Diagnosis> => this.why(question);
    const {
      outcome,
      diagnosis: after,
      undo,
      problem,
    } = await applyFixes(diagnosis, {
      ask,
      run,
      causes: [id],
      fix,
    });
    if (problem !== null) throw new Problem(displayText(problem));
    const kept = outcome === 'works' || outcome === 'further';
    this.#undo = kept ? undo : [];
    return { kept, diagnosis: after };
  }

  async undo({ question }: ApplyRequest): Promise<Diagnosis> {
    const { undoSteps } = await import('../../diagnostics/question/apply.ts');
    const problem = await undoSteps(this.#undo, await this.#runner());
    this.#undo = [];
    if (problem !== null) throw new Problem(displayText(problem));
    return this.why(question);
  }

  async #runner(): Promise<StepRunner> {
    const [{ openMachine }, { createLiveSource }, { stepRunner }] = await Promise.all([
      import('../../diagnostics/host/local-machine.ts'),
      import('../../diagnostics/collect/live-source.ts'),
      import('../../diagnostics/question/run-step.ts'),
    ]);
    const machine = openMachine();
    return stepRunner(machine, await createLiveSource(machine).discover());
  }

  async shell(endpoint: string): Promise<TerminalProgram> {
    const inside = enter(endpoint);
    const sudo = process.getuid?.() === 0 || !inside.needsRoot ? [] : ['sudo'];
    const [file, ...args] = [...sudo, ...inside.argv];
    if (file === undefined) throw new Problem(say('There is no shell for {0}.', endpoint));
    return { file, args, env: {} };
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

export const whyArguments = (question: Question): string[] => [
  'why',
  ...(question.protocol === undefined ? [] : ['--proto', question.protocol]),
  ...(question.port === undefined ? [] : ['--port', String(question.port)]),
  '--',
  question.from,
  question.to,
];

/** How a terminal gets into an end of a question. */
function enter(endpoint: string): { argv: string[]; needsRoot: boolean } {
  const shell = process.env['SHELL'] ?? '/bin/sh';
  const [kind, ...rest] = endpoint.split(':');
  const name = rest.join(':');
  if (kind === 'netns') return { argv: ['ip', 'netns', 'exec', name, shell], needsRoot: true };
  if (kind === 'fd')
    return { argv: ['nsenter', `--net=/proc/${name.replace('.', '/fd/')}`, shell], needsRoot: true };
  if (kind === 'pid') return { argv: ['nsenter', '--net', '--target', name, shell], needsRoot: true };
  if (kind === 'container') return { argv: ['docker', 'exec', '-it', name, 'sh'], needsRoot: false };
  return { argv: [shell], needsRoot: false };
}

/** The border to the tool's JSON: it is the one this extension was built with, so its version is all there is to check. */
function versionOne<T extends { readonly schema: 1 }>(answer: unknown): T {
  if (typeof answer === 'object' && answer !== null && 'schema' in answer && answer.schema === 1)
    return answer as T;
  throw new Problem(
    say('The hoplab tool beside this extension is of another version. Install Hoplab again.'),
  );
}
