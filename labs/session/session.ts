import type { Language, Localised } from '../../diagnostics/model/language.ts';
import type { Check } from '../format/check-schema.ts';
import type { Lab, LabFault, LabStep } from '../format/lab-schema.ts';
import type { LoadedLab } from '../format/load.ts';
import { agendaOf } from './agenda.ts';
import type { LabEngine } from './engine.ts';
import { makeFault } from './fault.ts';
import { buildNetwork } from './network.ts';
import { faultOf, stepOf, stepOrFault } from './parts.ts';
import { patiently } from './patience.ts';
import { advance, type Progress, type ProgressEvent } from './progress.ts';
import type { HintResult, LabStatus, Requests, SolveResult } from './protocol.ts';
import { anotherFault, beingSetUp, busy, notSetUp, solutionFailed } from './refusals.ts';
import { Refusal } from './refusal.ts';
import { runCommands } from './run-commands.ts';
import { holdShells } from './shell.ts';
import type * as stage from './stage.ts';
import type { Stage } from './stage.ts';
import { describeStatus } from './status.ts';

export interface SessionOptions {
  readonly loaded: LoadedLab;
  readonly sandbox: string;
  readonly progress: Progress;
  /** Keeps what happened; must not fail. */
  readonly record: (event: ProgressEvent) => void;
  /** Something that a client shows has changed. */
  readonly changed: () => void;
  readonly looking: () => boolean;
  /** A host of the lab was killed: there is nothing left to learn with. */
  readonly lost: (host: string) => void;
}

const loadStage = async (): Promise<typeof stage> => import('./stage.ts');

type NewEvent = Omit<ProgressEvent, 'time' | 'lab'>;

/** One running lab: its network, how far the learner is, and what may be done to it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #stepIds: readonly string[];
  #running: Stage | null = null;
  /** Why there is no network, where building it failed. */
  #broken: string | null = null;
  #progress: Progress;
  #fault: LabFault | null = null;
  #way: Localised | null = null;
  /** What changes the network runs alone. */
  #acting = false;
  /** Rounds of looking follow one another. */
  #round: Promise<void> = Promise.resolve();
  #waiting = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#progress = options.progress;
    this.#stepIds = options.loaded.lab.steps.map((step) => step.id);
  }

  get lab(): Lab {
    return this.#options.loaded.lab;
  }

  get currentStep(): LabStep | null {
    return this.lab.steps.find((step) => !this.#progress.done.includes(step.id)) ?? null;
  }

  /** Throws Refusal `busy` while the lab starts or is reset. */
  get running(): Stage {
    if (this.#running) return this.#running;
    if (this.#broken !== null) throw notSetUp(this.#broken);
    throw beingSetUp();
  }

  /** Builds the network, up to where the learner was. */
  async start(): Promise<void> {
    await this.#exclusively(() => this.#build(this.currentStep?.id ?? null));
  }

  /** Somebody begins to look. Whoever asks for a status is looked for then; before, nobody is told anything. */
  lookSoon(): void {
    this.#soon();
  }

  /** The state of the checks as it is now, without a packet more than needed; what is under way is waited for. */
  async settled(): Promise<void> {
    if (this.#options.looking()) await this.#round;
    else await this.#look(false);
  }

  status(language: Language): LabStatus {
    const { loaded, sandbox } = this.#options;
    const told = {
      loaded,
      sandbox,
      progress: this.#progress,
      activeFault: this.#fault,
      currentStep: this.currentStep,
      way: this.#way,
      running: this.#running,
    };
    return describeStatus(told, language);
  }

  /** All checks again, with packets where a step is not quiet. */
  async check(): Promise<void> {
    await this.#lookPatiently();
  }

  /** Some checks of the current step may take a while to become so (`within`). */
  async #lookPatiently(): Promise<void> {
    await this.#look(true);
    const { checker, bell } = this.running;
    const open = (): readonly Check[] =>
      this.currentStep?.checks.filter((check) => !checker.passes(check)) ?? [];
    const look = async (): Promise<boolean> => {
      await this.#look(false);
      return open().length === 0;
    };
    // How long the slowest of them may still take; it may be another step by now.
    const wait = (): number => Math.max(0, ...open().map((check) => check.within * 1000));
    if (wait() > 0) await patiently(look, wait, bell);
  }

  hint(id: string | undefined, language: Language): HintResult {
    const step = id === undefined ? (this.#fault ?? this.currentStep) : stepOrFault(this.lab, id);
    if (!step) throw new Refusal('failed', 'All steps are done.', '所有步骤都完成了。');
    const shown = this.#progress.hints[step.id] ?? 0;
    const total = step.hints.length;
    const hint = step.hints[Math.min(shown, total - 1)]?.[language] ?? null;
    if (shown < total) {
      this.#note({ event: 'hint-shown', ...(step === this.#fault ? { fault: step.id } : { step: step.id }) });
      this.#options.changed();
    }
    return { step: step.id, hint, shown: Math.min(shown + 1, total), total };
  }

  async solve({ step: id, run, alternative, language }: Requests['solve']['params']): Promise<SolveResult> {
    const step = id === undefined ? this.currentStep : stepOf(this.lab, id);
    if (!step) throw new Refusal('failed', 'All steps are done.', '所有步骤都完成了。');
    const solution = alternative === true ? step.alternative : step.solution;
    if (!solution) throw new Refusal('failed', 'This step has one solution only.', '这一步只有一种解法。');
    this.#note({ event: run ? 'solution-run' : 'solution-shown', step: step.id });
    if (run)
      await this.#exclusively(async () => {
        // What the step's checks watch for is watched for from now on.
        await this.#look(false);
        const failed = await runCommands(this.running.network, solution);
        await this.#lookPatiently();
        const red = step.checks.some((check) => !this.running.checker.passes(check));
        if (red && failed !== null) throw solutionFailed(failed);
      });
    this.#options.changed();
    const commands = solution.map((command) => ({ node: command.node, argv: [...command.run] }));
    return { step: step.id, commands, ran: run, status: this.status(language) };
  }

  async injectFault(id: string): Promise<void> {
    const fault = faultOf(this.lab, id);
    if (this.#fault) throw anotherFault(this.#fault);
    await this.#exclusively(async () => {
      await makeFault(this.running, fault);
      this.#fault = fault;
      this.#note({ event: 'fault-injected', fault: fault.id });
      await this.#look(false);
    });
  }

  async reset(id: string | undefined): Promise<void> {
    if (id !== undefined) stepOf(this.lab, id);
    await this.#exclusively(async () => {
      this.#note({ event: 'reset', ...(id === undefined ? {} : { step: id }) });
      this.#fault = null;
      this.#way = null;
      const old = this.#running;
      this.#running = null;
      this.#options.changed();
      await holdShells();
      old?.watch.stop();
      await old?.network.remove();
      await this.#build(id ?? this.lab.steps[0]?.id ?? null);
      await this.#look(false);
    });
  }

  /** Runs something that changes the network; one at a time. */
  async change<T>(action: (engine: LabEngine) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const result = await action(this.running.engine);
      await this.#look(false);
      return result;
    });
  }

  async #exclusively<T>(action: () => Promise<T>): Promise<T> {
    if (this.#acting) throw busy();
    this.#acting = true;
    try {
      return await action();
    } finally {
      this.#acting = false;
      this.#options.changed();
    }
  }

  async #build(at: string | null): Promise<void> {
    const { looking, lost } = this.#options;
    const changed = (): void => this.#soon();
    this.#broken = null;
    try {
      // The engine is loaded while the network is built.
      const [network, { buildStage }] = await Promise.all([buildNetwork(this.lab.topology), loadStage()]);
      this.#running = await buildStage(this.lab, network, at, { changed, looking });
    } catch (error) {
      this.#broken = error instanceof Error ? error.message : String(error);
      throw error;
    }
    void this.#running.network.lost.then(lost);
  }

  /** The network may have changed: one more round, unless one waits already. */
  #soon(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    void this.#look(false);
  }

  #look(probeAll: boolean): Promise<void> {
    const round = this.#round.then(() => {
      this.#waiting = false;
      return this.#lookNow(probeAll);
    });
    this.#round = round.catch(() => undefined);
    return round;
  }

  async #lookNow(probeAll: boolean): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const current = this.currentStep;
    const fault = this.#fault;
    await running.checker.look(agendaOf(this.lab, current, fault, probeAll));
    if (this.#running !== running) return;
    if (fault && fault === this.#fault && running.checker.passes(fault.symptom)) {
      this.#fault = null;
      this.#note({ event: 'fault-mended', fault: fault.id });
    }
    if (current?.checks.every((check) => running.checker.passes(check))) {
      this.#note({ event: 'step-done', step: current.id });
      if (this.currentStep === null) this.#note({ event: 'finished' });
      // The next step may hold already.
      await this.#lookNow(probeAll);
      return;
    }
    if (this.currentStep === null && !this.#fault && !this.#way)
      this.#way = await (await loadStage()).describeWay(this.lab, running);
    this.#options.changed();
  }

  #note(event: NewEvent): void {
    const whole: ProgressEvent = { time: new Date().toISOString(), lab: this.lab.id, ...event };
    this.#progress = advance(this.#progress, whole, this.#stepIds);
    this.#options.record(whole);
  }
}
