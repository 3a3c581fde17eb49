import { setTimeout as wait } from 'node:timers/promises';
import { HANDLE } from '../fixes/actions/insert-rule.ts';
import type { Cause, Diagnosis, FixStep } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import { isFurther } from './further.ts';
import type { StepRunner } from './run-step.ts';

/** What became of an attempt to mend. */
export interface ApplyResult {
  /**
   * `works`: the flow does; `further`: what was mended is no longer in the way, and the packet does not end before; `undone`: it did not help, and everything is
   * as before; `nothing-to-run`: only a person can do it; `changed`: the facts are no longer what the fix was made for.
   */
  readonly outcome: 'works' | 'further' | 'undone' | 'nothing-to-run' | 'changed';
  /** The answer after it. */
  readonly diagnosis: Diagnosis;
  /** Takes back what was kept, in the order to run it. */
  readonly undo: readonly FixStep[];
  /** What went wrong, one sentence; null where nothing did. */
  readonly problem: string | null;
}

export interface ApplyOptions {
  /** Asks the question again. */
  readonly ask: (probe: boolean) => Promise<Diagnosis>;
  readonly run: StepRunner;
  /** Ids of causes to mend; empty: all. */
  readonly causes?: readonly string[];
  /** Which of each cause's fixes. */
  readonly fix?: number;
  /** Aborted, everything is taken back. */
  readonly signal?: AbortSignal;
  readonly onStep?: (step: FixStep, undoing: boolean) => void;
}

/** The steps that `applyFixes` would run, to be shown before it is asked for. */
export const plannedSteps = (
  diagnosis: Diagnosis,
  { causes = [], fix = 0 }: Pick<ApplyOptions, 'causes' | 'fix'>,
): readonly FixStep[] => chosen(diagnosis, causes).flatMap((cause) => cause.fixes[fix]?.steps ?? []);

/**
 * Runs the chosen fix of each cause in order, after looking whether the cause is still there; probes; and takes everything back
 * unless the flow works or got further. Interruption takes everything back too.
 */
export async function applyFixes(diagnosis: Diagnosis, options: ApplyOptions): Promise<ApplyResult> {
  const { ask, run, causes = [], fix = 0, signal, onStep } = options;
  const todo = chosen(diagnosis, causes).filter((cause) => (cause.fixes[fix]?.steps.length ?? 0) > 0);
  if (todo.length === 0) return { outcome: 'nothing-to-run', diagnosis, undo: [], problem: null };
  const lookAgain = (): Promise<Diagnosis> => ask(turnsOnServers(diagnosis) || turnsOnProbe(diagnosis));
  const undo: FixStep[] = [];
  const takeBack = async (): Promise<string | null> => {
    let problem: string | null = null;
    for (const step of undo.splice(0)) {
      onStep?.(step, true);
      problem ??= failureOf(step, await run(step));
    }
    return problem;
  };
  const giveUp = async (outcome: 'undone' | 'changed', problem: string | null): Promise<ApplyResult> => {
    const second = await takeBack();
    return { outcome, diagnosis: await lookAgain(), undo: [], problem: problem ?? second };
  };

  for (const [index, cause] of todo.entries()) {
    if (signal?.aborted === true) return giveUp('undone', null);
    if (index > 0 && (await goneMeanwhile(cause, lookAgain))) continue;
    if (index === 0 && (await goneMeanwhile(cause, lookAgain))) return giveUp('changed', null);
    const chosenFix = cause.fixes[fix];
    if (!chosenFix) continue;
    let back = chosenFix.undo;
    for (const step of chosenFix.steps) {
      onStep?.(step, false);
      const output = await run(step);
      const problem = failureOf(step, output);
      if (problem !== null) {
        // What of this fix ran before is taken back by those of its own undo steps that can.
        undo.unshift(...(step === chosenFix.steps[0] ? [] : back));
        return giveUp('undone', problem);
      }
      const handle = /# handle (\d+)/.exec(output.stdout)?.[1];
      if (handle !== undefined) back = withHandle(back, handle);
    }
    undo.unshift(...back);
  }
  if (signal?.aborted === true) return giveUp('undone', null);
  // Where a cause is left, nobody promised that the flow works yet.
  const promised = diagnosis.causes.every(
    (cause) => todo.includes(cause) && cause.fixes[fix]?.proven === true,
  );
  const after = await settled(ask, { promised, signal });
  if (after.verdict === 'reachable') return { outcome: 'works', diagnosis: after, undo, problem: null };
  const stuck = todo.some((cause) => after.causes.some((it) => sameCause(it, cause)));
  if (!stuck && after.causes.length > 0 && isFurther(diagnosis, after))
    return { outcome: 'further', diagnosis: after, undo, problem: null };
  return giveUp('undone', null);
}

/** Runs undo steps that were kept; one sentence where a step failed. */
export async function undoSteps(steps: readonly FixStep[], run: StepRunner): Promise<string | null> {
  let problem: string | null = null;
  for (const step of steps) problem ??= failureOf(step, await run(step));
  return problem;
}

/** The kernel tells of a carrier up to a second late, and tests a new IPv6 address for up to two (RFC 4862). */
const PAUSES = [500, 1000, 1500];

/**
 * The answer after a change. Neighbours, carriers, duplicate address detection and bridges need a moment: where the facts promised
 * that the flow works, or say that it does and the kernel does not yet, or tell of something that passes, it is asked again.
 */
async function settled(
  ask: ApplyOptions['ask'],
  { promised, signal }: { readonly promised: boolean; readonly signal: AbortSignal | undefined },
): Promise<Diagnosis> {
  let answer = await ask(true);
  for (const pause of PAUSES) {
    const waits = promised || answer.probe.agrees === false || answer.causes.some(isPassing);
    if (answer.verdict === 'reachable' || !waits || signal?.aborted === true) break;
    await wait(pause);
    answer = await ask(true);
  }
  return answer;
}

/** An address that is still being tested is used soon. */
const isPassing = ({ params }: Cause): boolean => params['state'] === 'tentative';

const chosen = (diagnosis: Diagnosis, ids: readonly string[]): readonly Cause[] =>
  diagnosis.causes.filter(({ id }) => ids.length === 0 || ids.includes(id));

/** What a name means, or could have meant, is looked at again only by asking its servers. */
const turnsOnServers = ({ causes, legs }: Diagnosis): boolean =>
  legs.some(({ kind }) => kind === 'dns') || causes.some(({ id }) => id === 'hosts-file-override');

/** Where the walk could not tell which way the packet takes, what the kernel says is a part of why. */
const turnsOnProbe = ({ probe, causes }: Diagnosis): boolean =>
  (probe.agrees === null && probe.outcome !== 'not-run') || causes.some(({ id }) => SEEN_BY_PROBES.has(id));

/** Causes that no fact tells of. */
const SEEN_BY_PROBES: ReadonlySet<string> = new Set(['no-free-port', 'answers-from-elsewhere']);

const goneMeanwhile = async (cause: Cause, look: () => Promise<Diagnosis>): Promise<boolean> =>
  !(await look()).causes.some((it) => sameCause(it, cause));

const sameCause = (a: Cause, b: Cause): boolean =>
  a.id === b.id && a.host === b.host && a.namespace === b.namespace && sameEvidence(a, b);

/** Counters and the like may change; what the evidence is read from may not. */
const sameEvidence = (a: Cause, b: Cause): boolean =>
  JSON.stringify(a.evidence.map(({ source }) => source)) ===
  JSON.stringify(b.evidence.map(({ source }) => source));

/** Undo steps are in the opposite order: the last one that still waits for a number belongs to the first rule put in. */
function withHandle(undo: readonly FixStep[], handle: string): readonly FixStep[] {
  const at = undo.findLastIndex(({ argv }) => argv.includes(HANDLE));
  return undo.map((step, index) =>
    index === at ? { ...step, argv: step.argv.map((word) => (word === HANDLE ? handle : word)) } : step,
  );
}

function failureOf(step: FixStep, { exitCode, stderr }: Awaited<ReturnType<StepRunner>>): string | null {
  if (exitCode === 0) return null;
  const [line = ''] = stderr.trim().split('\n');
  return `“${displayText(step.argv.join(' '))}” failed${line === '' ? '' : `: ${displayText(line)}`}`;
}
