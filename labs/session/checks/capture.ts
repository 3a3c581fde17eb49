import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { CheckOf } from '../../format/check-schema.ts';
import type { CheckContext } from './context.ts';
import { fail, PASS, unknown, type CheckOutcome } from './outcome.ts';

/** Whether such packets passed since the learner is at the step. */
export async function checkCapture(what: CheckOf<'capture'>, context: CheckContext): Promise<CheckOutcome> {
  const sighting = await context.captures.look(what, context.node(what.node));
  const { node, dev } = what;
  if ('problem' in sighting) {
    const problem = displayText(sighting.problem);
    return unknown(
      `Packets on ${dev} in ${node} cannot be watched (${problem}).`,
      `无法观察 ${node} 的 ${dev} 上的包（${problem}）。`,
    );
  }
  if (sighting.seen) return PASS;
  return dev === 'any'
    ? fail(`No such packet was seen in ${node} yet.`, `还没有在 ${node} 里看到这样的包。`)
    : fail(
        `No such packet was seen on ${dev} in ${node} yet.`,
        `还没有在 ${node} 的 ${dev} 上看到这样的包。`,
      );
}
