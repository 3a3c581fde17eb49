import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, brief } from '../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/**
 * Machines whose addresses are on their loopback, as routing daemons on hosts have it: the wires between them have link-local
 * addresses only, by which the next hop of IPv4 routes is given too (RFC 5549).
 */
let net: TestNetwork;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'router', 'blue', 'bare');
  await net.wire('red/eth0 fe80::2/64', 'router/a fe80::1/64');
  await net.wire('blue/eth0 fe80::2/64', 'router/b fe80::1/64');
  await net.wire('bare/eth0', 'router/c 10.0.3.1/24');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  for (const [name, at, device] of [
    ['red', 1, 'a'],
    ['blue', 2, 'b'],
  ] as const) {
    await net.run(name, `ip address add 10.9.0.${at}/32 dev lo`);
    await net.run(name, `ip address add fd09::${at}/128 dev lo`);
    await net.run(name, 'ip -4 route add 10.9.0.0/16 via inet6 fe80::1 dev eth0');
    await net.run(name, 'ip -6 route add fd09::/16 via fe80::1 dev eth0');
    await net.run('router', `ip -4 route add 10.9.0.${at} via inet6 fe80::2 dev ${device}`);
    await net.run('router', `ip -6 route add fd09::${at} via fe80::2 dev ${device}`);
  }
  await net.run('bare', 'ip address add 10.9.0.3/32 dev lo');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
});
afterAll(() => net.close());

const agreed = async (from: string, to: string, port?: number): Promise<readonly string[]> => {
  const answer = await ask({ from, to, ...(port === undefined ? {} : { port }) });
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  return [answer.verdict, ...answer.causes.map(({ id, params }) => `${id} ${params['namespace']}`)];
};

test('an end is asked by the address on its loopback, where it has no other', async () => {
  expect(await agreed('netns:red', 'netns:blue', 80)).toEqual(['reachable']);
  expect(await agreed('netns:blue', 'netns:red')).toEqual(['reachable']);
  expect(await agreed('netns:red', '10.9.0.2', 80)).toEqual(['reachable']);
  expect(await agreed('netns:red', 'fd09::2', 80)).toEqual(['reachable']);
});

test('whoever has an address there lacks a route, and no address', async () => {
  expect(await agreed('netns:red', '10.8.0.1')).toEqual(['unreachable', 'no-route netns:red']);
  expect(await agreed('netns:red', 'fd08::1')).toEqual(['unreachable', 'no-route netns:red']);
});

test('an address there that nothing leads away from is none to speak with', async () => {
  expect(await agreed('netns:bare', '10.0.3.1')).toEqual(['unreachable', 'no-address netns:bare']);
});
