import type { Check } from '../format/check-schema.ts';
import type { Lab, LabFault, LabStep } from '../format/lab-schema.ts';

/** A check to look at, and whether packets may confirm it; see `Checker.look`. */
export interface Looked {
  readonly check: Check;
  readonly confirm: 'turned' | 'all' | 'none';
  /** Of a step that the learner has not reached. */
  readonly ahead: boolean;
}

/**
 * What one round looks at: every step's checks, and the symptom of the fault. Packets are sent neither for steps that the
 * learner has not reached nor for quiet ones.
 * @param current null: all steps are done
 */
export function agendaOf(
  lab: Lab,
  current: LabStep | null,
  fault: LabFault | null,
  probeAll: boolean,
): readonly Looked[] {
  const confirm = probeAll ? 'all' : 'turned';
  const reached = current ? lab.steps.indexOf(current) : lab.steps.length;
  const checks = lab.steps.flatMap((step, index) =>
    step.checks.map((check): Looked => ({
      check,
      confirm: step.quiet || index > reached ? 'none' : confirm,
      ahead: index > reached,
    })),
  );
  return fault ? [...checks, { check: fault.symptom, confirm, ahead: false }] : checks;
}
