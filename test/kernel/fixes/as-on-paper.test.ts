import { describe, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { changeBy, stepsOf, undoOf } from '../../../diagnostics/fixes/registry.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { FixStep } from '../../../diagnostics/model/diagnosis.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { settled } from '../../support/hasty.ts';
import { expectOnPaper, readMachine } from '../../support/mended-facts.ts';
import { buildNetwork } from '../../support/network.ts';
import { factsOf } from './row.ts';
import { ROWS } from './rows.ts';

/** What a fix is proven on is what it makes of the machine: every kind of action, run, and compared with the same on paper. */
describe.each(
  Object.entries(ROWS).flatMap(([kind, rows]) =>
    typeof rows === 'string'
      ? []
      : Object.entries(rows).map(([name, row]) => ({ title: `${kind}: ${name}`, ...row })),
  ),
)('$title', ({ make, actions, drawn }) => {
  test('the machine is what it is on paper, and undone what it was', async () => {
    await using net = await buildNetwork();
    await make(net);
    await settled(net);
    const before = await readMachine();
    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const runAll = async (steps: readonly FixStep[]): Promise<string | undefined> => {
      let handle: string | undefined;
      for (const step of steps) {
        const output = await run(step);
        expect(output.exitCode, `${step.argv.join(' ')}: ${output.stderr}`).toBe(0);
        handle ??= /# handle (\d+)/.exec(output.stdout)?.[1];
      }
      return handle;
    };
    let paper = before;
    const undo: FixStep[] = [];
    for (const action of actions(factsOf(before))) {
      const steps = stepsOf(action, paper);
      const back = undoOf(action, paper);
      const handle = await runAll(steps);
      undo.unshift(
        ...back.map((step) => ({
          ...step,
          argv: step.argv.map((word) => (word === 'HANDLE' ? (handle ?? word) : word)),
        })),
      );
      paper = changeBy(action, paper);
    }
    await expectOnPaper(paper, { what: 'run', drawn: drawn ?? [] });
    await runAll(undo);
    await settled(net);
  });
});
