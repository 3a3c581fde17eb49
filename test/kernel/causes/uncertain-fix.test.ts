import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../../diagnostics/question/apply.ts';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { expectChinese } from '../../support/chinese-report.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const QUESTION = { from: 'netns:red', to: '10.0.2.2', port: 80 };
const LIMITED = '-m limit --limit 1/hour --limit-burst 40 -j DROP';

let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await routedPair(net);
});
afterEach(() => net.close());

it('what a fix still depends on is said, where a rule behind it drops what came lately', async () => {
  await net.run('router', `iptables -t mangle -A FORWARD ${LIMITED}`);
  await net.run('router', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
  const broken = await ask(QUESTION);
  expect(broken.causes.map(({ id, certainty }) => [id, certainty])).toEqual([['filter-drop', 'certain']]);
  expect(broken.causes[0]?.fixes.map(({ proven }) => proven)).not.toContain(true);
  expect(broken.notes.join()).toContain('Whether the fix is enough is not certain: rule 1 of chain FORWARD');
  const chinese = await ask(QUESTION, true, openMachine(), 'zh-cn');
  expectChinese(chinese);
  expect(chinese.notes.join()).toContain('解决办法是否足够，还不能确定：');
});

it('a fix that is proven is offered before one that may not be enough', async () => {
  await net.run('router', `iptables -A FORWARD ${LIMITED}`);
  await net.run('blue', 'iptables -A INPUT -p tcp --dport 80 -j DROP');
  const broken = await ask(QUESTION);
  expect(
    broken.causes.map(({ id, namespace, fixes }) => [id, namespace, fixes[0]?.proven]),
    brief(broken),
  ).toEqual([
    ['filter-drop', 'netns:router', true],
    ['filter-drop', 'netns:blue', true],
  ]);
  expect(broken.notes.join()).not.toContain('Whether the fix is enough');
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const { outcome, diagnosis } = await applyFixes(broken, { ask: (probe) => ask(QUESTION, probe), run });
  expect(outcome, brief(diagnosis)).toBe('works');
});
