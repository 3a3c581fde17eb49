import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, brief } from '../support/cause-case.ts';
import { hasty } from '../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** Addresses that say more than a number, or mean another one: as programs write them. */
let net: TestNetwork;
/** blue’s, on its wire to red. */
let local = '';

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24');
  await hasty(net, 'red', 'blue');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await linkLocal('red');
  local = await linkLocal('blue');
});
afterAll(() => net.close());

/** The kernel gives it a moment after the link is up. */
async function linkLocal(name: string): Promise<string> {
  const address = /inet6 (\S+)\//;
  for (;;) {
    const [, found] = address.exec(await net.run(name, 'ip -6 -o address show dev eth0 scope link')) ?? [];
    if (found !== undefined) return found;
  }
}

const agreed = async (from: string, to: string, port?: number): Promise<string> => {
  const answer = await ask({ from, to, ...(port === undefined ? {} : { port }) });
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  return [answer.verdict, ...answer.causes.map(({ id }) => id)].join(' ');
};

test('a link-local address is asked with the interface that it is of', async () => {
  expect(await agreed('netns:red', `[${local}%eth0]:80`)).toBe('reachable');
  expect(await agreed('netns:red', `${local}%eth0`)).toBe('reachable');
  expect(await agreed('netns:red', `[${local}%eth0]:81`)).toBe('unreachable no-listener');
  expect(await agreed('netns:red', 'fe80::dead%eth0')).toBe('unreachable neighbour-unresolved');
});

test('an interface that the sender has not is said, and nothing is followed', async () => {
  await expect(ask({ from: 'netns:red', to: `[${local}%eth7]:80` })).rejects.toThrow(
    `There is no interface “eth7” to send to ${local} by`,
  );
});

test('an IPv4 address in an IPv6 one is IPv4', async () => {
  expect(await agreed('netns:red', '[::ffff:10.0.0.3]:80')).toBe('reachable');
});

test('the unspecified address is whoever asks', async () => {
  for (const to of ['0.0.0.0:80', '[::]:80', '0.0.0.0', '::'])
    expect(await agreed('netns:blue', to), to).toBe('reachable');
  expect(await agreed('netns:red', '0.0.0.0:80')).toBe('unreachable no-listener');
});

test('an IPv4 multicast address is not followed to the gateway of the route it falls under', async () => {
  await net.run('red', 'ip route add default via 10.0.0.3');
  expect(await agreed('netns:red', '239.1.1.1:80')).toBe('unreachable');
  const ping = await ask({ from: 'netns:red', to: '239.1.1.1' });
  expect(ping.causes, brief(ping)).toEqual([]);
  expect(ping.notes).toContain('Not certain: the multicast address 239.1.1.1 is not followed');
});

test('an IPv6 address with a port and no brackets: how it is written is said', async () => {
  await net.run('red', 'ip address add fd00::2/64 dev eth0 nodad');
  await net.run('blue', 'ip address add fd00::3/64 dev eth0 nodad');
  expect(await agreed('netns:red', '[fd00::3]:80')).toBe('reachable');
  const { verdict, notes } = await ask({ from: 'netns:red', to: 'fd00::3:80' });
  expect(verdict).toBe('unreachable');
  expect(notes).toContain(
    '“fd00::3:80” is an IPv6 address without a port. If 80 is the port, write [fd00::3]:80.',
  );
  // Who has such an address is asked for it.
  await net.run('blue', 'ip address add fd00::3:80/64 dev eth0 nodad');
  expect((await ask({ from: 'netns:red', to: 'fd00::3:80' })).notes).toEqual([]);
  await net.namespaces('green');
  await net.wire('red/eth1 10.1.0.2/24', 'green/eth0 10.1.0.3/24');
  await expect(ask({ from: 'netns:red', to: 'fe80::1:80' })).rejects.toThrow(
    '“fe80::1:80” is an IPv6 address without a port: port 80 of fe80::1 is written [fe80::1%INTERFACE]:80, with an interface of netns:red (eth0, eth1)',
  );
});
