import { expect } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Diagnosis, FixStep } from '../../diagnostics/model/diagnosis.ts';
import { applyFixes, undoSteps } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { ask, brief, type Asked } from './cause-case.ts';
import { namesOf } from './hasty.ts';
import { connectionsEnded, forgetNeighbours } from './neighbours.ts';
import type { TestNetwork } from './network.ts';

const idsOf = ({ causes }: Diagnosis): readonly string[] => causes.map(({ id }) => id);

/**
 * Mends the causes of a question one at a time, as who reads one sentence after another does: after each, those that were told
 * behind it are left, and after the last the flow works. Undone, all are told as before.
 */
export async function mendInTurn(net: TestNetwork, asked: Asked, broken: Diagnosis): Promise<void> {
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const undo: FixStep[] = [];
  let now = broken;
  for (const [at, { id }] of broken.causes.entries()) {
    const last = at === broken.causes.length - 1;
    const applied = await applyFixes(now, { ask: (probe) => ask(asked, probe), run, causes: [id] });
    now = applied.diagnosis;
    expect([applied.outcome, applied.problem], `${id}: ${brief(now)}`).toEqual([
      last ? 'works' : 'further',
      null,
    ]);
    expect(idsOf(now), `after ${id}: ${brief(now)}`).toEqual(idsOf(broken).slice(at + 1));
    undo.unshift(...applied.undo);
  }
  await connectionsEnded(net, ...(await namesOf(net)));
  expect(await undoSteps(undo, run)).toBeNull();
  // Who had an address while the fix worked is still remembered, and would be found by it for a while.
  await forgetNeighbours(net, ...(await namesOf(net)));
  const again = await ask(asked);
  expect([again.verdict, ...idsOf(again)], brief(again)).toEqual(['unreachable', ...idsOf(broken)]);
}
