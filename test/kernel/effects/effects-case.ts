import { expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import type { OtherFlows } from '../../../diagnostics/model/flow-effects.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { why } from '../../../diagnostics/why.ts';
import { ask, brief, type Asked } from '../../support/cause-case.ts';
import { namesOf, settled } from '../../support/hasty.ts';
import { flowLine, passingFlows } from '../../support/kernel-flows.ts';
import { expectOnPaper, mendedOnPaper, readMachine } from '../../support/mended-facts.ts';
import { connectionsEnded, forgetNeighbours } from '../../support/neighbours.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** A network with a fault, and what mending it does to all other flows. */
export interface EffectsCase {
  readonly title: string;
  readonly make: (net: TestNetwork) => Promise<void>;
  readonly asked: Asked;
  readonly causes: readonly string[];
  /** Which of each cause's fixes. */
  readonly fix?: number;
  /** How many other flows it has to open and close, at least; 0: none at all. */
  readonly opens: number;
  readonly closes: number;
  /** Interfaces that the fix makes, and whose hardware address the kernel draws. */
  readonly drawn?: readonly string[];
}

export const askWith = (asked: Asked, language: 'en' | 'zh-cn' = 'en'): Promise<Diagnosis> =>
  why(
    createLiveSource(openMachine()),
    { protocol: null, port: null, ...asked },
    { language, probe: true, otherFlows: true, timeoutMilliseconds: 1200 },
  );

/** Of the chosen fix of each cause, in the order in which they are run. */
export function flowsOf(diagnosis: Diagnosis, fix = 0): readonly OtherFlows[] {
  return diagnosis.causes.map(({ fixes }) => {
    const flows = fixes[fix]?.otherFlows;
    if (!flows) throw new Error(`no other flows: ${brief(diagnosis)}`);
    return flows;
  });
}

/**
 * Measures every flow, asks, applies, and measures again: what passes now is what passed before, and what was said to be opened,
 * without what was said to be closed. The facts are those of the proof; undone, everything is as it was.
 */
export function testEffects(it: EffectsCase): void {
  const { title, make, asked, causes, fix = 0, opens, closes, drawn = [] } = it;
  test(title, async () => {
    await using net = await buildNetwork();
    await make(net);
    await settled(net);
    const before = await passingFlows([asked]);
    const broken = await askWith(asked);
    expect(
      broken.causes.map(({ id }) => id),
      brief(broken),
    ).toEqual(causes);
    const said = flowsOf(broken, fix);
    expect(
      said.map(({ unread, leftOut }) => ({ unread, leftOut })),
      JSON.stringify(said),
    ).toEqual(said.map(() => ({ unread: [], leftOut: 0 })));
    const facts = await readMachine();
    const paper = mendedOnPaper(facts, asked, fix);

    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run, fix });
    expect(applied.outcome, `${applied.problem} ${brief(applied.diagnosis)}`).toBe('works');
    await expectOnPaper(paper, { drawn });
    const own = flowLine({
      ...{ from: asked.from, protocol: asked.protocol ?? 'tcp', port: broken.flow.port },
      address: broken.flow.address ?? '',
    });
    const after = await passingFlows([asked]);
    const foretold = new Set([...before, own]);
    for (const { opens: opened, closes: closed } of said) {
      for (const flow of opened) foretold.add(flowLine(flow));
      for (const flow of closed) foretold.delete(flowLine(flow));
    }
    const only = (these: ReadonlySet<string>, those: ReadonlySet<string>): readonly string[] =>
      [...these].filter((line) => !those.has(line)).toSorted();
    expect(
      { unforetold: only(after, foretold), inVain: only(foretold, after) },
      `${said.flatMap(({ text }) => text).join('\n')}\n${JSON.stringify(broken.causes.map(({ fixes }) => fixes[fix]?.steps))}`,
    ).toEqual({ unforetold: [], inVain: [] });
    const count = (which: 'opens' | 'closes'): number =>
      new Set(said.flatMap((flows) => flows[which].map(flowLine))).size;
    expectAtLeast(count('opens'), opens, 'opens');
    expectAtLeast(count('closes'), closes, 'closes');
    if (opens + closes === 0)
      expect(said.flatMap(({ text }) => text)).toContainEqual(
        expect.stringMatching(/^None of the \d+ other/),
      );

    await connectionsEnded(net, ...(await namesOf(net)));
    expect(await undoSteps(applied.undo, run)).toBeNull();
    await settled(net);
    await forgetNeighbours(net, ...(await namesOf(net)));
    await expectOnPaper(facts, { what: 'undone', drawn });
    expect([...(await passingFlows([asked]))].toSorted(), 'undone').toEqual([...before].toSorted());
  });
}

function expectAtLeast(count: number, least: number, what: string): void {
  if (least === 0) expect(count, what).toBe(0);
  else expect(count, what).toBeGreaterThanOrEqual(least);
}
