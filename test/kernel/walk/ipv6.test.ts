import { expect, it } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';

it('never says that nobody answers where an IPv6 neighbour does', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 fd00:1::2/64', 'blue/eth0 fd00:1::1/64');
  const asked = { from: 'netns:red', to: 'fd00:1::1' };
  const probed = await ask(asked);
  expect([probed.verdict, probed.probe.agrees, probed.causes], brief(probed)).toEqual([
    'reachable',
    null,
    [],
  ]);
  const walked = await ask(asked, false);
  expect(walked.verdict, brief(walked)).toBe('unknown');
  expect(walked.notes.join('\n')).toContain('the way of IPv6 packets is not modelled');
});
