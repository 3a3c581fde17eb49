import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

test('filters share out what leaves: the port that has a queue arrives, the one that has none does not', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.listen('blue', { protocol: 'tcp', port: 443 });
  for (const command of [
    'tc qdisc add dev rb root handle 1: htb default 20',
    'tc class add dev rb parent 1: classid 1:10 htb rate 1mbit',
    'tc class add dev rb parent 1: classid 1:20 htb rate 1mbit',
    'tc qdisc add dev rb parent 1:10 handle 10: pfifo limit 0',
    'tc filter add dev rb parent 1: protocol ip prio 2 u32 match ip src 10.0.1.0/24 match ip protocol 6 0xff match ip dport 443 0xffff flowid 1:10',
  ])
    await net.run('router', command);
  for (const [port, verdict] of [
    [80, 'reachable'],
    [443, 'unreachable'],
  ] as const) {
    const diagnosis = await ask({ from: 'netns:red', to: `10.0.2.2:${port}` });
    expect(diagnosis.verdict, brief(diagnosis)).toBe(verdict);
    expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
  }
});

test('a shaper that only slows down is no reason for doubt', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.run('router', 'tc qdisc add dev rb root tbf rate 10mbit burst 10k latency 50ms');
  await net.run('blue', 'tc qdisc add dev eth0 clsact');
  await net.run('blue', 'tc filter add dev eth0 ingress protocol all u32 match u32 0 0 classid 1:1');
  const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:80' });
  expect(diagnosis.verdict, brief(diagnosis)).toBe('reachable');
  expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
  expect(diagnosis.legs[0]?.forward.certain, brief(diagnosis)).toBe(true);
});
