import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import type { RawProbe } from '../../diagnostics/source.ts';
import { namespaceNamed } from '../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

type Ask = (
  protocol: 'tcp' | 'udp' | 'icmp',
  address: string,
  port: number | null,
  timeout?: number,
) => Promise<RawProbe>;

let net: TestNetwork;
let ask: Ask;
/** Where this process may not go inside. */
let askByProcess: Ask;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24 fd01::2/64', 'router/r0 10.0.1.1/24 fd01::1/64');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/r1 10.0.2.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'tcp', port: 81, behaviour: 'hang-up' });
  await net.listen('blue', { protocol: 'udp', port: 7000 });
  await net.listen('blue', { protocol: 'udp', port: 7001, behaviour: 'silent' });
  await net.listen('router', { protocol: 'tcp', port: 80, address: 'fd01::1' });
  ask = await asking(openMachine());
  askByProcess = await asking({ ...openMachine(), within: () => Promise.resolve(null) });
});

async function asking(machine: Machine): Promise<Ask> {
  const source = createLiveSource(machine);
  const { id } = namespaceNamed(await source.discover(), 'netns:red');
  return (protocol, address, port, timeoutMilliseconds = 1000) =>
    source.probe?.({ namespace: id, protocol, address, port, timeoutMilliseconds }) ??
    Promise.reject(new Error());
}
afterAll(() => net.close());

test.each([
  ['tcp', '10.0.2.2', 80, 'reply'],
  ['tcp', 'fd01::1', 80, 'reply'],
  ['tcp', '10.0.2.2', 81, 'closed-early'],
  ['tcp', '10.0.2.2', 82, 'refused'],
  ['udp', '10.0.2.2', 7000, 'reply'],
  ['udp', '10.0.2.2', 7001, 'timeout'],
  ['udp', '10.0.2.2', 7002, 'refused'],
  ['icmp', '10.0.2.2', null, 'reply'],
  ['icmp', 'fd01::1', null, 'reply'],
  ['tcp', '127.0.0.1', 80, 'refused'],
] as const)('%s %s %s: %s', async (protocol, address, port, outcome) => {
  for (const way of [ask, askByProcess]) {
    const answer = await way(protocol, address, port);
    expect(answer.outcome, answer.detail).toBe(outcome);
    expect(answer.detail).toMatch(/\S.*\.$/);
    if (outcome === 'reply') expect(answer.milliseconds).toBeGreaterThan(0);
  }
});

const rule = (where: string, words: string): Promise<string> => net.run(where, `iptables -I ${words}`);

test.each([
  ['a firewall that drops', 'FORWARD -j DROP', ['timeout', 'timeout', 'timeout']],
  [
    'a firewall that rejects',
    'FORWARD -j REJECT --reject-with icmp-host-unreachable',
    ['unreachable', 'timeout', 'unreachable'],
  ],
  [
    'a firewall that prohibits',
    'FORWARD -j REJECT --reject-with icmp-admin-prohibited',
    ['unreachable', 'unreachable', 'prohibited'],
  ],
  [
    'a firewall that resets',
    'FORWARD -p tcp -j REJECT --reject-with tcp-reset',
    ['refused', 'reply', 'reply'],
  ],
] as const)('%s', async (_, words, outcomes) => {
  await rule('router', words);
  try {
    const answers = await Promise.all([
      ask('tcp', '10.0.2.2', 80),
      ask('udp', '10.0.2.2', 7000),
      ask('icmp', '10.0.2.2', null),
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(outcomes);
  } finally {
    await net.run('router', 'iptables -F FORWARD');
  }
});

test.each([
  ['no route', '10.9.0.1', '', 'unreachable'],
  ['an unreachable route', '10.9.0.1', 'unreachable', 'unreachable'],
  ['a prohibited route', '10.9.0.1', 'prohibit', 'prohibited'],
  ['a blackhole route', '10.9.0.1', 'blackhole', 'unreachable'],
] as const)('%s here', async (_, address, type, outcome) => {
  await net.run('red', 'ip route del default');
  if (type !== '') await net.run('red', `ip route add ${type} 10.9.0.0/16`);
  try {
    for (const protocol of ['tcp', 'udp', 'icmp'] as const) {
      const answer = await ask(protocol, address, protocol === 'icmp' ? null : 80);
      expect(answer.outcome, `${protocol}: ${answer.detail}`).toBe(outcome);
    }
  } finally {
    if (type !== '') await net.run('red', 'ip route flush 10.9.0.0/16');
    await net.run('red', 'ip route add default via 10.0.1.1');
  }
});

test('nobody answers ARP: unreachable where there is time to find out, else a timeout', async () => {
  const [soon, later] = await Promise.all([ask('tcp', '10.0.1.77', 80), ask('tcp', '10.0.1.78', 80, 4000)]);
  expect(soon.outcome).toBe('timeout');
  expect(later.outcome, later.detail).toBe('unreachable');
});

test('a packet that ran out of hops', async () => {
  await net.run('router', 'ip route add 10.8.0.0/16 via 10.0.2.2');
  await net.run('blue', 'sysctl -qw net.ipv4.ip_forward=1');
  const looped = await ask('icmp', '10.8.0.1', null);
  expect(looped.outcome, looped.detail).toBe('unreachable');
  expect(looped.detail).toContain('Time to live exceeded');
});

test('a namespace that is gone, or a broken question, is not a statement about the network', async () => {
  const source = createLiveSource(openMachine());
  await source.discover();
  const gone = await source.probe?.({
    namespace: 'machine/1',
    protocol: 'tcp',
    address: '10.0.2.2',
    port: 80,
    timeoutMilliseconds: 500,
  });
  expect(gone?.outcome).toBe('not-run');
  expect((await ask('tcp', '10.0.2.2', null)).outcome).toBe('not-run');
});
