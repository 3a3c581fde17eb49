import { expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the prefix is cut short, and the other’s address is the last one of it',
  healthy: async (net) => {
    await bridgedPair(net);
    await net.run('blue', 'ip address add 10.0.0.7/24 dev eth0');
  },
  breakIt: async (net) => {
    await net.run('red', 'ip address flush dev eth0');
    await net.run('red', 'ip address add 10.0.0.2/29 dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.7:80' },
  causes: ['wrong-prefix'],
  at: ['netns:red'],
});

test.each(['icmp', 'udp', 'tcp'] as const)(
  'broadcast-address: everybody is asked by %s',
  async (protocol) => {
    await using net = await buildNetwork();
    await bridgedPair(net);
    const port = protocol === 'icmp' ? null : 80;
    const everybody = await ask({ from: 'netns:red', to: '10.0.0.255', protocol, ...(port && { port }) });
    expect(everybody.verdict, brief(everybody)).toBe('unreachable');
    expect(everybody.probe.agrees, brief(everybody)).toBe(true);
    expect(everybody.causes.map(({ id, namespace }) => [id, namespace])).toEqual([
      ['broadcast-address', 'netns:red'],
    ]);
    // In a wider network it is an address like any other.
    await net.run('red', 'ip address flush dev eth0');
    await net.run('red', 'ip address add 10.0.0.2/16 dev eth0');
    await net.run('blue', 'ip address flush dev eth0');
    await net.run('blue', 'ip address add 10.0.0.255/16 dev eth0');
    const one = await ask({ from: 'netns:red', to: '10.0.0.255' });
    expect(one.verdict, brief(one)).toBe('reachable');
    expect(one.causes).toEqual([]);
  },
);

test.each(
  (['icmp', 'udp', 'tcp'] as const).flatMap((protocol) => [
    { protocol, routed: 'with a default route' },
    { protocol, routed: 'without any' },
  ]),
)(
  'broadcast-address: everybody on whatever network is asked by $protocol, $routed',
  async ({ protocol, routed }) => {
    await using net = await buildNetwork();
    await bridgedPair(net);
    if (routed === 'with a default route') await net.run('red', 'ip route add default dev eth0');
    const port = protocol === 'icmp' ? null : 80;
    const to = '255.255.255.255';
    const everybody = await ask({ from: 'netns:red', to, protocol, ...(port && { port }) });
    expect(everybody.verdict, brief(everybody)).toBe('unreachable');
    expect(everybody.probe.agrees, brief(everybody)).toBe(true);
    const [cause, ...others] = everybody.causes;
    expect([cause?.id, cause?.namespace, others], brief(everybody)).toEqual([
      'broadcast-address',
      'netns:red',
      [],
    ]);
    expect(cause?.summary).toContain('everybody on a network');
  },
);

test('echo-ignored: a ping of everybody behind a router; its own address answers', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  const everybody = await ask({ from: 'netns:red', to: '10.0.2.255', protocol: 'icmp' });
  expect(everybody.verdict, brief(everybody)).toBe('unreachable');
  expect(everybody.probe.agrees, brief(everybody)).toBe(true);
  const [cause] = everybody.causes;
  expect([cause?.id, cause?.namespace], brief(everybody)).toEqual(['echo-ignored', 'netns:router']);
  expect(cause?.summary).toContain('10.0.2.255');
  expect(cause?.fixes.map(({ title }) => title)).toEqual(['Use 10.0.2.1 instead']);
  const one = await ask({ from: 'netns:red', to: '10.0.2.1' });
  expect(one.verdict, brief(one)).toBe('reachable');
  expect(one.causes).toEqual([]);
});
