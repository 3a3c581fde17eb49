import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief, type Asked } from '../cause-case.ts';
import { buildNetwork, type TestNetwork } from '../network.ts';

/** A product's rules on a host, and what is answered there. */
export interface Layout {
  /** The network as it is without the product. */
  readonly stage: (net: TestNetwork) => Promise<void>;
  readonly rules: (net: TestNetwork) => Promise<void>;
  /** A question a line: `FROM TO[/udp]`, `yes` or `no`, and the causes as `ID@NAMESPACE`, with `+` between them. */
  readonly table: string;
}

interface Row {
  readonly question: string;
  readonly asked: Asked;
  readonly reachable: boolean;
  readonly causes: readonly string[];
}

function rowsOf(table: string): readonly Row[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [from = '', rest = '', answer = '', ...causes] = line.trim().split(/\s+/);
      const [to = '', protocol] = rest.split('/');
      if (answer !== 'yes' && answer !== 'no') throw new Error(`neither yes nor no: ${line}`);
      return {
        question: `${from} ${rest}`,
        asked: { from: `netns:${from}`, to, ...(protocol === 'udp' ? { protocol } : {}) },
        reachable: answer === 'yes',
        causes: causes.filter((word) => word !== '+'),
      };
    });
}

const causesOf = ({ causes }: Diagnosis): readonly string[] =>
  causes.map(({ id, namespace }) => `${id}@${namespace.replace('netns:', '')}`);

/** Of these the product's rules are the reason, and without them the question is answered. */
const BY_RULES = /^(?:filter-|policy-drop|direct-routing|firewalls-|bridge-firewalled|ndp-|arp-)/;

/** Each answer is the kernel's, with or without a probe; each cause is certain and has a fix that works and can be taken back. */
export function testLayout(name: string, { stage, rules, table }: Layout): void {
  describe(name, () => {
    let net: TestNetwork;
    beforeAll(async () => {
      net = await buildNetwork();
      await stage(net);
    });
    afterAll(() => net.close());
    const rows = rowsOf(table);

    test('without it', async () => {
      for (const { question, asked, causes } of rows) {
        if (causes.length === 0 || !causes.every((cause) => BY_RULES.test(cause))) continue;
        const healthy = await ask(asked);
        // A port that the product publishes is nobody's without it.
        const others = causesOf(healthy).filter((cause) => cause !== 'no-listener@node');
        expect.soft([question, healthy.probe.agrees === false, others]).toEqual([question, false, []]);
      }
      await rules(net);
    });

    test.each(rows)('$question', async ({ asked, reachable, causes }) => {
      const foretold = await ask(asked, false);
      expect.soft(causesOf(foretold), brief(foretold)).toEqual(causes);
      const answered = await ask(asked);
      expect.soft(causesOf(answered), brief(answered)).toEqual(causes);
      expect(answered.verdict, brief(answered)).toBe(reachable ? 'reachable' : 'unreachable');
      // Whether a program answers a datagram is not foretold.
      expect.soft(answered.probe.agrees, brief(answered)).toBe(asked.protocol && reachable ? null : true);
      for (const cause of answered.causes) expect.soft(cause.certainty, brief(answered)).toBe('certain');
      if (answered.causes.some(({ fixes: [fix] }) => fix?.steps.length)) await expectMended(asked, answered);
    });
  });
}

async function expectMended(asked: Asked, broken: Diagnosis): Promise<void> {
  for (const { fixes } of broken.causes) expect.soft(fixes[0]?.proven, brief(broken)).toBe(true);
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run });
  // Nobody but a person starts a service.
  const last = broken.causes.at(-1)?.fixes[0]?.steps.length === 0;
  expect(applied.outcome, brief(applied.diagnosis)).toBe(last ? 'further' : 'works');
  expect(await undoSteps(applied.undo, run)).toBeNull();
  expect(causesOf(await ask(asked, false))).toEqual(causesOf(broken));
}
