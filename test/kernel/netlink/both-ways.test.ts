import { describe, expect, onTestFinished, test } from 'vitest';
import type { NamespaceFacts } from '../../../diagnostics/model/namespace.ts';
import { IP_FACTS, readBothWays } from '../../support/told-both-ways.ts';
import { value } from '../../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { drawNetwork } from '../../support/random/draw-network.ts';
import { makeNetwork } from '../../support/random/make-network.ts';
import { networkInSix, sixFor } from '../../support/random/six.ts';

/** TUNSETIFF with IFF_TUN and IFF_NO_PI. */
const HOLD_TUN = `
import fcntl, os, struct, time
tun = os.open('/dev/net/tun', os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH', b'tun9', 0x1001))
time.sleep(1000000)
`;
import { withoutTun } from '../../support/tun.ts';

/**
 * The facts that are read from the kernel's own messages are those that ip(8) and bridge(8) tell, on networks of all kinds; and
 * what is made here is all understood, so that no command is needed.
 */
async function network(): Promise<TestNetwork> {
  const net = await buildNetwork();
  onTestFinished(() => net.close());
  return net;
}

async function sameBothWays(): Promise<(namespace: string) => Partial<NamespaceFacts>> {
  const all = await readBothWays();
  for (const { namespace, declined, netlink, commands } of all) {
    expect(declined, `left to the commands in ${namespace}`).toEqual([]);
    for (const fact of IP_FACTS) expect(netlink[fact], `${fact} of ${namespace}`).toEqual(commands[fact]);
  }
  return (name) => {
    const found = all.find(({ namespace }) => namespace.split(' ').includes(name));
    if (!found) throw new Error(`no namespace ${name}`);
    return found.netlink;
  };
}

describe('interfaces', () => {
  test('bridges and how they treat their ports, veth pairs, tunnels, macvlan, tun', async () => {
    const net = await network();
    await net.namespaces('kinds', 'other', 'far');
    const kinds = (words: string): Promise<string> => net.run('kinds', words);
    await net.wire('kinds/eth0 10.1.0.2/24 fd01::2/64', 'other/eth0 10.1.0.1/24 fd01::1/64');
    for (const at of [0, 1, 2, 3, 4]) await net.wire(`kinds/p${at}`, `other/q${at}`);
    await net.wire('kinds/down', 'other/peer');
    await net.bridge('kinds/br0 10.2.0.1/16', 'p0', 'p1', 'p2', 'p3', 'p4');
    await kinds('ip link add br1 type bridge stp_state 1 ageing_time 0');
    await kinds('bridge link set dev p0 hairpin on');
    await kinds('bridge link set dev p1 isolated on');
    await kinds('bridge link set dev p2 learning off flood off bcast_flood off');
    await kinds('ip link set dev p2 type bridge_slave proxy_arp on');
    await kinds('ip link set dev p3 type bridge_slave locked on');
    await kinds('bridge link set dev p4 state 4');
    await kinds('ip link set dev down down');
    for (const [name, words] of [
      ['v1', 'id 42 local 10.1.0.2 remote 10.1.0.1 dstport 4789 nolearning'],
      ['v2', 'id 43 group 239.1.1.1 dev eth0 dstport 4790'],
      ['v3', 'id 44 local fd01::2 remote fd01::1 dstport 4791 udp6zerocsumtx'],
      ['v4', 'dstport 4792 external'],
      ['v5', 'id 45 dstport 0 proxy noudpcsum df set'],
    ] as const)
      await kinds(`ip link add ${name} type vxlan ${words}`);
    for (const mode of ['bridge', 'private', 'vepa', 'source'])
      await kinds(`ip link add mv-${mode} link eth0 type macvlan mode ${mode}`);
    await kinds('ip link set mv-source type macvlan macaddr add 02:00:00:00:00:01');
    await kinds('ip link set mv-source type macvlan macaddr add 02:00:00:00:00:02');
    await kinds('ip link add mt link down type macvtap mode bridge');
    await kinds('ip link set mv-vepa netns other');
    await kinds('ip link set v1 netns far');
    await kinds('ip link set dev mv-bridge group 7 promisc on');
    await kinds('ip link set dev br0 group default allmulticast on multicast off');
    await kinds('ip link set dev eth0 alias aliased');
    await kinds('ip link property add dev eth0 altname another-name');
    const told = await sameBothWays();
    const links = value(told('kinds').links ?? { state: 'unread' });
    expect(links.length).toBeGreaterThan(16);
    expect(links.find(({ name }) => name === 'mv-source')?.kind).toMatchObject({
      sources: expect.arrayContaining(['02:00:00:00:00:01']) as unknown,
    });
    expect(value(told('kinds').fdb ?? { state: 'unread' }).length).toBeGreaterThan(5);
  });

  test('addresses of all sorts', async () => {
    const net = await network();
    await net.namespaces('sorts', 'router');
    const sorts = (words: string): Promise<string> => net.run('sorts', words);
    await net.wire('sorts/eth0', 'router/eth0');
    for (const words of [
      '10.1.0.2/24 brd +',
      '10.1.0.3/24 brd 10.1.0.77',
      '10.2.0.1 peer 10.2.0.2/32',
      '10.3.0.1/24 scope link noprefixroute',
      '10.4.0.1/24 scope 57 valid_lft 1000 preferred_lft 0',
      'fd01::1/64 nodad valid_lft 1000 preferred_lft 500',
      'fd02::1 peer fd02::2/128 nodad home',
      'fd03::1/64 nodad preferred_lft 0 mngtmpaddr',
      '::10.9.9.9/128 nodad',
      'fd04:0:0:1::/64 nodad',
      'fd05:1:0:2:3:0:4:5/64 nodad noprefixroute',
      '0:0:1::1/64 nodad',
    ])
      await sorts(`ip address add ${words} dev eth0`);
    await net.run('router', 'ip address add fd06::1/64 dev eth0 nodad');
    await sorts('sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.eth0.dad_transmits=60');
    await sorts('ip address add fd06::1/64 dev eth0');
    await sorts('ip address add fd06::2/64 dev eth0 optimistic');
    const told = await sameBothWays();
    const [eth0] = value(told('sorts').links ?? { state: 'unread' }).filter(({ name }) => name === 'eth0');
    const flags = new Set(eth0?.addresses.flatMap((address) => address.flags));
    for (const flag of ['secondary', 'noprefixroute', 'dynamic', 'nodad', 'deprecated', 'home', 'mngtmpaddr'])
      expect(flags).toContain(flag);
    expect([...flags].some((flag) => flag === 'tentative' || flag === 'dadfailed')).toBe(true);
  });

  test('other ends in named, in nameless and in hidden namespaces, where numbers coincide too', async () => {
    const net = await network();
    await net.namespaces('a', 'b', 'c', 'd', 'lost');
    const pid = await net.nameless();
    await net.wire('a/x', 'b/x');
    await net.wire('c/x', 'd/x');
    await net.wire('a/y', 'c/y');
    await net.wire('b/up', 'host/to-b');
    await net.wire('a/n', 'host/n');
    await net.run('host', `ip link set dev n netns ${pid}`);
    await net.wire('d/gone', 'lost/end');
    await net.run('a', 'ip link add p type veth peer name q');
    await net.hide('lost');
    const told = await sameBothWays();
    const peers = value(told('a').links ?? { state: 'unread' }).flatMap(({ peer }) => peer?.namespace ?? []);
    expect(new Set(peers).size).toBe(4);
    const [gone] = value(told('d').links ?? { state: 'unread' }).filter(({ name }) => name === 'gone');
    expect(gone?.peer?.namespace).toBeNull();
  });

  test('names that mean something elsewhere', async () => {
    const net = await network();
    await net.namespaces('odd', 'end');
    for (const [at, name] of [
      'a"b',
      "it's",
      'back\\slash',
      'é☃',
      '{}',
      '$(id)',
      'bell\u0007',
      'if7',
    ].entries())
      await net.run('odd', ['ip', 'link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `e${at}`]);
    await net.run('odd', ['ip', 'link', 'set', 'dev', '$(id)', 'alias', 'x\u001b[31m"y']);
    await net.run('odd', ['ip', 'rule', 'add', 'iif', 'a"b', 'lookup', '7']);
    await net.run('odd', ['ip', 'rule', 'add', 'oif', 'gone', 'lookup', '7']);
    const told = await sameBothWays();
    expect(value(told('odd').links ?? { state: 'unread' }).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['a"b', "it's", 'back\\slash', 'é☃', 'if7']),
    );
  });
});

test('routes of all types and tables', async () => {
  const net = await network();
  await net.namespaces('near', 'far');
  await net.wire('near/eth0 10.0.1.2/24 fd01::2/64', 'far/eth0 10.0.1.1/24 fd01::1/64');
  await net.wire('near/eth1 10.0.2.2/24 fd02::2/64', 'far/eth1 10.0.2.1/24 fd02::1/64');
  const near = (words: string): Promise<string> => net.run('near', words);
  for (const words of [
    'default via 10.0.1.1',
    'default via 10.0.2.1 metric 4000000000',
    '10.3.0.0/16 dev eth0 src 10.0.1.2 metric 5 mtu 1400 advmss 1200 hoplimit 9 window 5000 initcwnd 7',
    '10.3.0.0/17 dev eth0 mtu lock 1300 quickack 1 cwnd lock 9',
    '10.4.0.0/16 via 10.9.9.9 dev eth0 onlink',
    'blackhole 10.5.0.0/16',
    'unreachable 10.6.0.0/16 metric 7',
    'prohibit 10.7.0.0/16 table 4711',
    'throw 10.8.0.0/16 table 100',
    '10.9.0.0/16 via 10.0.1.1 table 100 proto static',
    '10.9.1.0/24 via 10.0.1.1 table 100 proto 99 realms 3/4',
    'tos 0x10 10.10.0.0/16 dev eth0',
    'tos 0x28 10.10.0.0/16 dev eth0',
    '10.11.0.0/16 nexthop via 10.0.1.1 weight 3 nexthop via 10.0.2.1 weight 1 onlink dev eth1',
    '10.12.0.0/16 via inet6 fd01::1 dev eth0',
    '10.13.0.0/16 nexthop via inet6 fd01::1 dev eth0 nexthop dev eth1',
    'local 10.14.0.0/16 dev lo',
    'broadcast 10.15.255.255 dev eth0 table local',
    'multicast 239.0.0.0/8 dev eth0',
    '10.16.0.1 dev eth0 scope 77',
  ])
    await near(`ip route add ${words}`);
  for (const words of [
    'default via fd01::1',
    'default via fd02::1 metric 2000 pref high',
    'fd09::/64 via fd01::1 table 100 mtu 1400 hoplimit 3',
    'fd0a::/64 from fd01::/64 via fd01::1',
    'fd0b::/64 nexthop via fd01::1 weight 2 nexthop via fd02::1',
    'blackhole fd0c::/64',
    'unreachable fd0d::/64 metric 7',
    'fd0e::/64 via fd01::1 src fd02::2 pref low expires 1000',
    'local fd0f::/64 dev lo',
  ])
    await near(`ip -6 route add ${words}`);
  await near('ip nexthop add id 7 via 10.0.1.1 dev eth0');
  await near('ip nexthop add id 8 via 10.0.2.1 dev eth1');
  await near('ip nexthop add id 9 group 7,3/8');
  await near('ip route add 10.17.0.0/16 nhid 7');
  await near('ip route add 10.18.0.0/16 nhid 9');
  await net.run('far', 'ip link set dev eth1 down');
  const told = await sameBothWays();
  expect(value(told('near').routes ?? { state: 'unread' }).length).toBeGreaterThan(45);
});

test.skipIf(withoutTun() !== null)('neighbours behind a device that has no addresses', async () => {
  const net = await network();
  await net.namespaces('red');
  await net.spawn('red', ['python3', '-c', HOLD_TUN]);
  await expect.poll(() => net.run('red', 'ip -o link')).toContain('tun9');
  await net.run('red', 'ip addr add 10.9.0.1/24 dev tun9');
  await net.run('red', 'ip addr add fd00:9::1/64 dev tun9 nodad');
  await net.run('red', 'ip link set tun9 up');
  for (const address of ['10.9.0.2', 'fd00:9::2'])
    await net.run('red', ['sh', '-c', `ping -c1 -W1 ${address} >/dev/null || true`]);
  const told = await sameBothWays();
  expect(value(told('red').neighbours ?? { state: 'unread' })).toContainEqual({
    address: 'fd00:9::2',
    dev: 'tun9',
    state: 'noarp',
    proxy: false,
  });
});

test('rules with every condition', async () => {
  const net = await network();
  await net.namespaces('ruled', 'end');
  await net.wire('ruled/eth0 10.0.1.2/24', 'end/eth0 10.0.1.1/24');
  for (const words of [
    'fwmark 0x1/0xff lookup 100 pref 50',
    'fwmark 7 lookup main pref 51',
    'not from 10.0.0.0/8 iif eth0 ipproto tcp dport 80-90 blackhole pref 52',
    'to 10.1.0.0/16 table main suppress_prefixlength 0 pref 53',
    'uidrange 0-100 goto 53 pref 49',
    'goto 60 pref 48',
    'goto 50000 pref 47',
    'from 10.20.0.1 oif eth0 sport 7 prohibit pref 54',
    'ipproto gre unreachable pref 55',
    'ipproto 250 unreachable pref 56',
    'table main suppress_ifgroup 1 pref 57',
    'tos 0x10 lookup 7 pref 58',
    'tun_id 5 lookup 7 pref 59',
    'nop pref 60',
    'from 0/1 lookup 7 proto static pref 61 realms 1/2',
    'from all lookup 4000000000 pref 62',
  ])
    await net.run('ruled', `ip rule add ${words}`);
  for (const words of [
    'from fd01::/16 lookup 100 pref 60',
    'to fd02::1 ipproto ipv6-icmp prohibit pref 61',
    'not fwmark 1 sport 1-5 lookup 9 pref 62',
  ])
    await net.run('ruled', `ip -6 rule add ${words}`);
  const told = await sameBothWays();
  const rules = value(told('ruled').rules ?? { state: 'unread' });
  expect(rules.filter(({ family }) => family === 4)).toHaveLength(19);
  expect(rules.filter(({ family }) => family === 6)).toHaveLength(5);
  expect(rules.some(({ unmodelled }) => unmodelled.includes('tun_id'))).toBe(true);
});

test('neighbours, who answers for others, and where frames go', async () => {
  const net = await network();
  await net.namespaces('near', 'far');
  await net.wire('near/eth0 10.0.1.2/24 fd01::2/64', 'far/eth0 10.0.1.1/24 fd01::1/64');
  await net.wire('near/p0', 'far/p1');
  await net.bridge('near/br0', 'p0');
  const near = (words: string): Promise<string> => net.run('near', words);
  await near('ip link add vx type vxlan id 5 dstport 4789 dev eth0');
  for (const words of [
    'neigh add 10.0.1.7 lladdr 02:00:00:00:00:01 dev eth0 nud permanent',
    'neigh add 10.0.1.8 lladdr 02:00:00:00:00:02 dev eth0 nud noarp',
    'neigh add fd01::7 lladdr 02:00:00:00:00:03 dev eth0 nud stale',
    'neigh add 10.0.1.9 dev eth0 nud failed',
    'neigh add proxy 10.0.1.20 dev eth0',
    'neigh add proxy fd01::20 dev eth0',
  ])
    await near(`ip ${words}`);
  for (const words of [
    '02:00:00:00:01:01 dev p0 master static',
    '02:00:00:00:01:02 dev p0 master',
    '02:00:00:00:01:03 dev br0 self permanent',
    '02:00:00:00:01:04 dev vx dst 10.0.1.1',
    '02:00:00:00:01:05 dev vx dst 10.0.1.1 port 99 vni 7 via eth0',
  ])
    await near(`bridge fdb add ${words}`);
  await near('bridge fdb append 00:00:00:00:00:00 dev vx dst 10.0.1.1');
  await near('bridge fdb append 00:00:00:00:00:00 dev vx dst 10.0.1.3');
  await near('ping -n -c 1 -W 1 10.0.1.1');
  await near('ping -n -c 1 -W 1 fd01::1');
  const told = await sameBothWays();
  const neighbours = value(told('near').neighbours ?? { state: 'unread' });
  expect(neighbours.filter(({ proxy }) => proxy)).toHaveLength(2);
  const fdb = value(told('near').fdb ?? { state: 'unread' });
  expect(fdb).toContainEqual(
    expect.objectContaining({ mac: '02:00:00:00:01:05', remotePort: 99, remoteId: 7, remoteDev: 'eth0' }),
  );
});

test.each([
  [1, 4],
  [2, 6],
  [3, 4],
] as const)('a random network (seed %i, IPv%i)', async (seed, family) => {
  const net = await network();
  const drawn = drawNetwork(seed);
  await makeNetwork(net, family === 4 ? drawn : networkInSix(drawn, sixFor(seed)));
  await sameBothWays();
});
