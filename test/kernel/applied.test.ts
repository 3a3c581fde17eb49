import { expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { ask, brief } from '../support/cause-case.ts';
import { hasty, settled } from '../support/hasty.ts';
import { buildNetwork } from '../support/network.ts';
import { routedPair6 } from '../support/pairs.ts';

test('a fix is waited for while the kernel still tests the address that it gave', async () => {
  await using net = await buildNetwork();
  await routedPair6(net);
  await net.run('router', 'sysctl -qw net.ipv6.conf.ra.accept_dad=1');
  await hasty(net, 'red', 'router', 'blue');
  const question = { from: 'netns:red', to: '[fd00:2::2]:80' };
  await settled(net);
  expect((await ask(question)).verdict).toBe('reachable');

  await net.run('router', 'ip link set ra down');
  const broken = await ask(question);
  expect(
    broken.causes.map(({ id }) => id),
    brief(broken),
  ).toEqual(['interface-down']);
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(question, probe), run });
  expect(applied, brief(applied.diagnosis)).toMatchObject({ outcome: 'works', diagnosis: { causes: [] } });
});
