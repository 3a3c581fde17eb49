import { expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the default gateway’s address is nobody’s',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip route replace default via 10.0.1.99');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['gateway-unreachable'],
  at: ['netns:red'],
});

testCause({
  fault: 'the same on the way back',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip route replace default via 10.0.2.99');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['gateway-unreachable'],
  at: ['netns:blue'],
});

test('gateway-unreachable: a route to a neighbour through a gateway that is nobody’s only has to go', async () => {
  await using net = await buildNetwork();
  await bridgedPair(net);
  await net.namespaces('third');
  await net.wire('third/eth0 10.0.0.4/24', 'host/vt');
  await net.run('host', 'ip link set dev vt master br0');
  const asked = { from: 'netns:red', to: 'netns:blue', port: 80 };
  expect((await ask(asked)).verdict).toBe('reachable');
  await net.run('red', 'ip route add 10.0.0.3/32 via 10.0.0.99');
  const broken = await ask(asked);
  expect(
    broken.causes.map(({ id }) => id),
    brief(broken),
  ).toEqual(['gateway-unreachable']);
  const [first] = broken.causes[0]?.fixes ?? [];
  expect([first?.proven, first?.steps[0]?.argv.slice(-6).join(' ')]).toEqual([
    true,
    'del 10.0.0.3 via 10.0.0.99 dev eth0',
  ]);
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run });
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
});

testCause({
  fault: 'neither gateway of a multipath route is there',
  healthy: routedPair,
  breakIt: async (net) =>
    void (await net.run('red', 'ip route replace default nexthop via 10.0.1.98 nexthop via 10.0.1.99')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['gateway-unreachable'],
  at: ['netns:red'],
  certainty: 'likely',
});

testCause({
  fault: 'neither member of a group of nexthop objects is there, on the way back',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip nexthop add id 1 via 10.0.2.98 dev eth0');
    await net.run('blue', 'ip nexthop add id 2 via 10.0.2.99 dev eth0');
    await net.run('blue', 'ip nexthop add id 10 group 1/2');
    await net.run('blue', 'ip route replace default nhid 10');
  },
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['gateway-unreachable'],
  at: ['netns:blue'],
  certainty: 'likely',
});

testCause({
  fault: 'a gateway of IPv6 for IPv4, which nobody has (RFC 5549)',
  healthy: async (net) => {
    await net.namespaces('red', 'router', 'blue');
    await net.wire('red/eth0 10.0.1.2/32 fd00::2/64', 'router/ra 10.0.1.1/32 fd00::1/64');
    await net.wire('blue/eth0 10.0.2.2/24', 'router/rb 10.0.2.1/24');
    await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
    await net.run('red', 'ip route add 10.0.2.0/24 via inet6 fd00::1');
    await net.run('router', 'ip route add 10.0.1.2/32 via inet6 fd00::2');
    await net.run('blue', 'ip route add default via 10.0.2.1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => void (await net.run('red', 'ip route replace 10.0.2.0/24 via inet6 fd00::77')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['gateway-unreachable'],
  at: ['netns:red'],
  narrow: 'via inet6 fd00::1 dev eth0',
});

testCause({
  fault: 'the gateway is behind another interface than the default route says',
  healthy: async (net) => {
    await routedPair(net);
    await net.namespaces('other');
    await net.wire('red/eth1 10.0.3.2/24', 'other/eth0 10.0.3.1/24');
  },
  breakIt: async (net) =>
    void (await net.run('red', 'ip route replace default via 10.0.1.1 dev eth1 onlink')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['gateway-unreachable'],
  at: ['netns:red'],
  narrow: 'ip route replace default via 10.0.1.1 dev eth0',
});

test('gateway-unreachable: a machine with another network that does not forward is no gateway', async () => {
  await using net = await buildNetwork();
  await net.namespaces('node', 'far', 'c0');
  await net.wire('node/eth0 10.0.0.1/24', 'far/eth0 10.0.0.2/24');
  await net.wire('far/eth1 10.9.0.1/24', 'node/eth1');
  await net.run('node', 'ip link add link eth0 name mv0 netns c0 type macvlan mode bridge');
  await net.run('c0', 'ip address add 10.0.0.10/24 dev mv0');
  await net.run('c0', 'ip link set mv0 up');
  await net.run('c0', 'ip route add default via 10.0.0.254');
  const lost = { from: 'netns:c0', to: '192.0.2.7:80' };
  expect((await ask({ from: 'netns:c0', to: '10.0.0.2' })).verdict).toBe('reachable');
  const broken = await ask(lost);
  expect(
    broken.causes.map(({ id, fixes }) => [id, fixes.length]),
    brief(broken),
  ).toEqual([['gateway-unreachable', 0]]);

  await net.run('far', 'sysctl -qw net.ipv4.ip_forward=1');
  const [routed] = (await ask(lost)).causes;
  expect(routed?.fixes[0]?.steps[0]?.argv.join(' ')).toContain('via 10.0.0.2');
});

test('gateway-unreachable: an address that both ends of a link gave themselves is no gateway', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0', 'router/ra');
  await net.wire('router/rb', 'blue/eth0');
  for (const [name, dev, address] of [
    ['red', 'eth0', 'fd00:1::1/127'],
    ['router', 'ra', 'fd00:1::1/127'],
    ['router', 'rb', 'fd00:2::1/64'],
    ['blue', 'eth0', 'fd00:2::2/64'],
  ] as const)
    await net.run(name, `ip address add ${address} dev ${dev} nodad`);
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.run('red', 'ip -6 route add default via fd00:1::');
  const broken = await ask({ from: 'netns:red', to: '[fd00:2::2]:80' });
  expect(
    broken.causes.map(({ id, namespace }) => `${id} ${namespace}`),
    brief(broken),
  ).toEqual(['gateway-unreachable netns:red']);
  expect(broken.causes[0]?.fixes, brief(broken)).toEqual([]);
});
