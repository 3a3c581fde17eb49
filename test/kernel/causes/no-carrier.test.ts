import { expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'a route over a wire whose other end is down, where nobody can see it',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.namespaces('gone');
    await net.wire('red/uplink', 'gone/far');
    await net.run('gone', 'ip link set far down');
    await net.hide('gone');
    await net.run('red', 'ip route add 10.0.2.0/24 dev uplink src 10.0.1.2');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-carrier'],
  at: ['netns:red'],
  mend: async (net) => {
    await net.run('red', 'ip link delete uplink');
  },
});

test('a bridge whose last port is gone is told as such, and not as a wire without an end', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.wire('red/last', 'blue/last');
  await net.bridge('red/docker0 10.0.9.1/24', 'last');
  await net.run('red', 'ip link delete last');
  await expect.poll(async () => net.run('red', 'ip link show docker0')).toContain('NO-CARRIER');
  const answer = await ask({ from: 'netns:red', to: '10.0.9.2:80' });
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  expect(
    answer.causes.map(({ id, explanation }) => [id, explanation]),
    brief(answer),
  ).toEqual([['no-carrier', expect.stringContaining('docker0 is switched on, but none of its ports is up')]]);
});
