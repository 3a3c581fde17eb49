import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { NamespaceFacts } from '../../diagnostics/model/namespace.ts';
import { namespaceNamed, snapshotOf, value } from '../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
let facts: NamespaceFacts;
let far: NamespaceFacts;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('near', 'far');
  await net.wire('near/eth0 10.0.1.2/24 fd01::2/64', 'far/eth0 10.0.1.1/24 fd01::1/64');
  await net.wire('far/p0', 'near/p1');
  await net.bridge('far/br0 10.0.2.1/24', 'p0');
  const near = (words: string): Promise<string> => net.run('near', words);
  await near('ip link set dev p1 address 02:00:00:00:00:77');
  await near('ip addr add 10.0.2.2/24 dev p1');
  for (const route of [
    'default via 10.0.1.1',
    '10.3.0.0/16 dev eth0 src 10.0.1.2 metric 5 mtu 1400',
    '10.4.0.0/16 via 10.9.9.9 dev eth0 onlink',
    'blackhole 10.5.0.0/16',
    'unreachable 10.6.0.0/16 metric 7',
    'prohibit 10.7.0.0/16',
    'throw 10.8.0.0/16 table 100',
    '10.9.0.0/16 via 10.0.1.1 table 100 proto static',
    'tos 0x10 10.10.0.0/16 dev eth0',
    '10.11.0.0/16 nexthop via 10.0.1.1 weight 3 nexthop via 10.0.2.1 weight 1',
    '10.12.0.0/16 via inet6 fd01::1 dev eth0',
  ])
    await near(`ip route add ${route}`);
  await near('ip -6 route add default via fd01::1');
  await near('ip -6 route add fd09::/64 via fd01::1 table 100');
  for (const rule of [
    'fwmark 0x1/0xff lookup 100 pref 50',
    'not from 10.0.0.0/8 iif eth0 ipproto tcp dport 80-90 blackhole pref 51',
    'to 10.1.0.0/16 table main suppress_prefixlength 0 pref 52',
    'uidrange 0-100 goto 52 pref 49',
    'from 10.20.0.1 oif eth0 sport 7 prohibit pref 48',
    'table main suppress_ifgroup 1 pref 47',
  ])
    await near(`ip rule add ${rule}`);
  await near('ip -6 rule add from fd01::/16 lookup 100 pref 60');
  await near('ip neigh add 10.0.1.7 lladdr 02:00:00:00:00:01 dev eth0 nud permanent');
  await near('ip neigh add proxy 10.0.1.8 dev eth0');
  await near('ping -n -c 1 -W 1 10.0.1.1');
  await near('ping -n -c 1 -W 1 10.0.2.1');
  await near('sysctl -qw net.ipv4.conf.eth0.rp_filter=2 net.ipv4.ip_forward=1');
  await net.listen('near', { protocol: 'tcp', port: 80 });
  await net.listen('near', { protocol: 'tcp', port: 81, address: '127.0.0.1' });
  await net.listen('near', { protocol: 'tcp', port: 82, address: '::' });
  await net.listen('near', { protocol: 'tcp', port: 83, address: '::', v6only: true });
  await net.listen('near', { protocol: 'tcp', port: 84, address: '::ffff:10.0.1.2' });
  await net.listen('near', { protocol: 'udp', port: 85, address: 'fd01::2' });
  // Connection tracking begins where a rule asks for it.
  await near('iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT');
  await net.run('far', 'busybox nc -w 1 10.0.1.2 80', 'hello');
  await net.run('far', 'ping -n -c 1 -W 1 10.0.1.2');

  const snapshot = await snapshotOf(createLiveSource(openMachine()));
  facts = namespaceNamed(snapshot, 'netns:near').facts;
  far = namespaceNamed(snapshot, 'netns:far').facts;
});
afterAll(() => net.close());

test('routes of every kind, table and family, in the words of ip(8)', async () => {
  const routes = value(facts.routes);
  // Multipath hops are on lines of their own there.
  const printed = async (command: string): Promise<string[]> =>
    (await net.run('near', command))
      .replaceAll('\n\t', ' ')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.trim().split(/\s+/).join(' '));
  const texts = (family?: 4 | 6): string[] =>
    routes.filter((route) => family === undefined || route.family === family).map(({ text }) => text);
  expect(texts().toSorted()).toEqual((await printed('ip route show table all')).toSorted());
  expect(texts(6).toSorted()).toEqual((await printed('ip -6 route show table all')).toSorted());
  const to = (address: string): unknown => routes.find((route) => route.destination.address === address);
  expect(to('10.3.0.0')).toMatchObject({
    preferredSource: '10.0.1.2',
    metric: 5,
    table: 254,
    protocol: 'boot',
  });
  expect(to('10.4.0.0')).toMatchObject({ nextHops: [{ via: '10.9.9.9', dev: 'eth0', flags: ['onlink'] }] });
  expect(to('10.5.0.0')).toMatchObject({ type: 'blackhole', nextHops: [] });
  expect(to('10.8.0.0')).toMatchObject({ type: 'throw', table: 100 });
  expect(to('10.10.0.0')).toMatchObject({ tos: 16 });
  expect(to('10.11.0.0')).toMatchObject({
    nextHops: [
      { via: '10.0.1.1', dev: 'eth0', weight: 3 },
      { via: '10.0.2.1', dev: 'p1', weight: 1 },
    ],
  });
  expect(to('10.12.0.0')).toMatchObject({ family: 4, nextHops: [{ via: 'fd01::1', dev: 'eth0' }] });
  expect(routes).toContainEqual(
    expect.objectContaining({ family: 4, destination: { address: '0.0.0.0', length: 0 }, table: 254 }),
  );
  expect(routes).toContainEqual(
    expect.objectContaining({ family: 6, destination: { address: '::', length: 0 }, metric: 1024 }),
  );
});

test('routing rules of both families, what is not modelled named', () => {
  const rules = value(facts.rules);
  const at = (priority: number): unknown => rules.find((rule) => rule.priority === priority);
  expect(rules.filter(({ family }) => family === 6).map(({ priority }) => priority)).toEqual([0, 60, 32766]);
  expect(at(50)).toMatchObject({
    mark: { value: 1, mask: 255 },
    action: { type: 'lookup', table: 100 },
    text: '50: from all fwmark 0x1/0xff lookup 100',
    unmodelled: [],
  });
  expect(at(51)).toMatchObject({
    not: true,
    from: { address: '10.0.0.0', length: 8 },
    iif: 'eth0',
    protocol: 6,
    destinationPorts: [80, 90],
    action: { type: 'blackhole' },
    text: '51: not from 10.0.0.0/8 iif eth0 ipproto tcp dport 80-90 blackhole',
  });
  expect(at(52)).toMatchObject({ suppressPrefixLength: 0, to: { address: '10.1.0.0', length: 16 } });
  expect(at(49)).toMatchObject({ action: { type: 'goto', priority: 52 }, users: [0, 100], unmodelled: [] });
  expect((at(47) as { unmodelled: unknown[] }).unmodelled).not.toEqual([]);
  expect(at(48)).toMatchObject({ oif: 'eth0', sourcePorts: [7, 7], action: { type: 'prohibit' } });
});

test('neighbours and what a bridge has learned', () => {
  expect(value(facts.neighbours)).toEqual(
    expect.arrayContaining([
      { address: '10.0.1.7', dev: 'eth0', mac: '02:00:00:00:00:01', state: 'permanent', proxy: false },
      expect.objectContaining({ address: '10.0.1.8', dev: 'eth0', proxy: true }),
      expect.objectContaining({ address: '10.0.1.1', dev: 'eth0', proxy: false }),
    ]),
  );
  expect(value(far.fdb)).toContainEqual({
    mac: '02:00:00:00:00:77',
    dev: 'p0',
    master: 'br0',
    state: 'learned',
  });
  expect(value(far.fdb).filter(({ mac }) => mac.startsWith('33:33'))).toEqual([]);
});

test('the settings that decide what becomes of a packet', () => {
  const sysctls = value(facts.sysctls);
  expect(sysctls).toMatchObject({
    'net/ipv4/ip_forward': '1',
    'net/ipv4/conf/eth0/rp_filter': '2',
    'net/ipv4/conf/eth0/forwarding': '1',
    'net/ipv6/conf/all/forwarding': '0',
    'net/ipv4/icmp_echo_ignore_all': '0',
    'net/ipv6/icmp/echo_ignore_all': '0',
  });
  expect(value(far.sysctls)['net/ipv4/ip_forward']).toBe('0');
});

test('who listens, where, and to which family', () => {
  const sockets = value(facts.sockets);
  const at = (port: number): unknown => sockets.find((socket) => socket.port === port);
  expect(at(80)).toMatchObject({ protocol: 'tcp', family: 4, address: '0.0.0.0', v6only: false });
  expect((at(80) as { process: { pid: number } }).process.pid).toBeGreaterThan(1);
  expect((at(80) as { backlog: unknown }).backlog).toEqual({ used: 0, limit: 511 });
  expect(at(81)).toMatchObject({ address: '127.0.0.1' });
  expect(at(82)).toMatchObject({ family: 6, address: '::', v6only: false });
  expect(at(83)).toMatchObject({ family: 6, address: '::', v6only: true });
  expect(at(84)).toMatchObject({ family: 4, address: '10.0.1.2' });
  expect(at(85)).toMatchObject({ protocol: 'udp', family: 6, address: 'fd01::2' });
  expect(value(far.sockets)).toEqual([]);
});

test('the connections that are tracked, in both directions', () => {
  const entries = value(facts.conntrack);
  const tcp = entries.find(({ protocol }) => protocol === 'tcp');
  expect(tcp?.original).toMatchObject({ source: '10.0.1.1', destination: '10.0.1.2', destinationPort: 80 });
  expect(tcp?.reply).toMatchObject({ source: '10.0.1.2', destination: '10.0.1.1', sourcePort: 80 });
  expect(entries.find(({ protocol }) => protocol === 'icmp')?.original.source).toBe('10.0.1.1');
});

test('the files that resolve names', () => {
  const files = value(facts.resolver);
  expect(files.nameservers.length).toBeGreaterThan(0);
  expect(files.hosts.flatMap(({ names }) => names)).toContain('localhost');
});
