import { expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import type { Protocol } from '../../diagnostics/model/flow.ts';
import { applyFixes, undoSteps } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { why } from '../../diagnostics/why.ts';
import { expectChinese } from './chinese-report.ts';
import { namesOf, settled } from './hasty.ts';
import { connectionsEnded } from './neighbours.ts';
import { expectOnPaper, mendedOnPaper, readMachine } from './mended-facts.ts';
import { buildNetwork, type TestNetwork } from './network.ts';

export interface Asked {
  readonly from: string;
  readonly to: string;
  readonly protocol?: Protocol;
  readonly port?: number;
  readonly size?: number;
  readonly device?: string;
}

/** A fault in a real network, told as a table row. */
export interface CauseCase {
  /** What is wrong, for the test's title. */
  readonly fault: string;
  /** A network in which the question's answer is yes. */
  readonly healthy: (net: TestNetwork) => Promise<void>;
  readonly breakIt: (net: TestNetwork) => Promise<void>;
  readonly ask: Asked;
  /** Ids of the causes, exactly these and in this order. */
  readonly causes: readonly string[];
  /** Where each is, as a namespace's label; default: not looked at. */
  readonly at?: readonly string[];
  /** `hands`: no command of ours can mend it; `mend` does what the fix says. */
  readonly mend?: (net: TestNetwork) => Promise<void>;
  readonly certainty?: 'certain' | 'likely';
  /** Default: unreachable. */
  readonly verdict?: 'partial';
  /** null: what the probe saw has nothing to agree with, because no address could be asked, or the walk is not sure. Default: true. */
  readonly agrees?: null;
  /** What is wrong shows only to who asks: name servers, or the kernel which of several ways it is. */
  readonly live?: boolean;
  /** Words of the first fix's last command: that it opens no more than it has to. */
  readonly narrow?: string;
  /** Interfaces that the fix makes, and whose hardware address the kernel draws. */
  readonly drawn?: readonly string[];
  /** What the time in which the fix worked has left behind, and would help for a while: forgotten after the undo. */
  readonly forget?: (net: TestNetwork) => Promise<void>;
}

/** Everything here is on one machine: what does not answer at once does not answer. */
const PROBE_MILLISECONDS = 1200;

export const ask = (
  asked: Asked,
  probe = true,
  machine = openMachine(),
  language: Language = 'en',
): Promise<Diagnosis> =>
  why(
    createLiveSource(machine),
    { protocol: null, port: null, ...asked },
    { language, probe, timeoutMilliseconds: PROBE_MILLISECONDS },
  );

/** What a failed expectation has to show to be understood. */
export const brief = ({ verdict, probe, causes, notes, legs }: Diagnosis): string =>
  JSON.stringify(
    {
      verdict,
      probe,
      causes: causes.map(({ id, namespace, summary, fixes }) => ({
        id,
        namespace,
        summary,
        fixes: fixes.map(({ proven, steps }) => [proven, ...steps.map(({ argv }) => argv.join(' '))]),
      })),
      notes,
      ends: legs.map(({ kind, forward, back }) => [
        kind,
        ...[forward, back].map(
          (trace) =>
            trace && [
              trace.disposition,
              trace.doubts,
              trace.hops.at(-1)?.namespace,
              trace.hops.at(-1)?.steps.at(-1),
            ],
        ),
      ]),
    },
    null,
    1,
  );

/**
 * The life of a fault: the healthy twin is reachable and has no cause; the fault is found, exactly, with a proven fix; the fix
 * makes the probe succeed; undone, the fault is back.
 */
export function testCause(it: CauseCase): void {
  test(`${it.causes.join(' + ')}: ${it.fault}`, async () => {
    await using net = await buildNetwork();
    await it.healthy(net);
    const before = await ask(it.ask);
    expect.soft(before.verdict, brief(before)).toBe('reachable');
    expect(before.causes, brief(before)).toEqual([]);

    await connectionsEnded(net, ...(await namesOf(net)));
    await it.breakIt(net);
    const broken = await ask(it.ask);
    expect(broken.verdict, brief(broken)).toBe(it.verdict ?? 'unreachable');
    expect(broken.probe.agrees, brief(broken)).toBe(it.agrees === null ? null : true);
    expect(
      broken.causes.map(({ id }) => id),
      brief(broken),
    ).toEqual(it.causes);
    if (it.at) expect(broken.causes.map(({ namespace }) => namespace)).toEqual(it.at);
    for (const cause of broken.causes) expect(cause.certainty, brief(broken)).toBe(it.certainty ?? 'certain');

    expectChinese(await ask(it.ask, it.live ?? false, openMachine(), 'zh-cn'));

    if (it.mend) {
      await it.mend(net);
      const mended = await ask(it.ask);
      expect(mended.verdict, brief(mended)).toBe('reachable');
      return;
    }
    for (const cause of broken.causes) expect(cause.fixes[0]?.proven, brief(broken)).toBe(true);
    if (it.narrow !== undefined)
      expect(broken.causes.at(-1)?.fixes[0]?.steps.at(-1)?.argv?.join(' ')).toContain(it.narrow);
    // An interface gets its link-local address when the kernel tells of its carrier.
    await settled(net);
    // What only asking tells is not on paper.
    const onPaper = it.live ? null : mendedOnPaper(await readMachine(), it.ask);
    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const applied = await applyFixes(broken, { ask: (probe) => ask(it.ask, probe), run });
    expect(applied.problem).toBeNull();
    expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
    expect(applied.diagnosis.causes).toEqual([]);
    if (onPaper) await expectOnPaper(onPaper, { drawn: it.drawn ?? [] });

    // Its last word, said into the fault, would teach neighbours anew.
    await connectionsEnded(net, ...(await namesOf(net)));
    expect(await undoSteps(applied.undo, run)).toBeNull();
    await it.forget?.(net);
    const again = await ask(it.ask, it.live ?? false);
    expect(
      again.causes.map(({ id }) => id),
      brief(again),
    ).toEqual(it.causes);
  });
}
