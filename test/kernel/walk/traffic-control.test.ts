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

/** What comes in to the router from red goes through a device that is there for its queue. */
const shapedIn = [
  'ip link add ifb9 type ifb',
  'ip link set ifb9 up',
  'tc qdisc add dev ra handle ffff: ingress',
  'tc filter add dev ra parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev ifb9',
];

test.each([
  ['slows down', ['tc qdisc add dev ifb9 root tbf rate 10mbit burst 10k latency 50ms'], 'reachable'],
  ['has no queue of its own', [], 'reachable'],
  [
    'has a queue without room for some',
    [
      'tc qdisc add dev ifb9 root handle 1: htb default 20',
      'tc class add dev ifb9 parent 1: classid 1:10 htb rate 1mbit',
      'tc class add dev ifb9 parent 1: classid 1:20 htb rate 1mbit',
      'tc qdisc add dev ifb9 parent 1:10 handle 10: pfifo limit 0',
      'tc filter add dev ifb9 parent 1: protocol ip prio 2 u32 match ip dport 80 0xffff flowid 1:10',
    ],
    'unreachable',
  ],
  ['is down', ['ip link set ifb9 down'], 'unreachable'],
] as const)('what is redirected to an ifb that %s', async (_, commands, verdict) => {
  await using net = await buildNetwork();
  await routedPair(net);
  // Neighbours are asked for before.
  await net.run('red', 'ping -c 1 -W 2 10.0.2.2');
  for (const command of [...shapedIn, ...commands]) await net.run('router', command);
  const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:80' });
  expect(diagnosis.verdict, brief(diagnosis)).toBe(verdict);
  expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
  expect(diagnosis.legs[0]?.forward.certain, brief(diagnosis)).toBe(true);
  expect(diagnosis.causes.map(({ id }) => id)).toEqual(
    verdict === 'reachable' ? [] : ['traffic-control-drop'],
  );
});
