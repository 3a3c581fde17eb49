import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askBoth, endText, traceText, type Question } from '../../support/ask-both.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { disturb, hasty } from '../../support/hasty.ts';

let net: TestNetwork;
afterEach(() => net.close());

/** red — one — two — blue, all well: three wires, two routers, servers on TCP 80 and UDP 7000 of blue. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'one', 'two', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'one/r0 10.0.1.1/24');
  await net.wire('one/r1 10.0.12.1/24', 'two/r0 10.0.12.2/24');
  await net.wire('two/r1 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('one', 'ip route add 10.0.2.0/24 via 10.0.12.2');
  await net.run('two', 'ip route add 10.0.1.0/24 via 10.0.12.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  for (const router of ['one', 'two']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'udp', port: 7000 });
  await hasty(net, 'red', 'one', 'two', 'blue');
});

const TO_BLUE: Question = { from: 'netns:red', to: '10.0.2.2', protocol: 'tcp', port: 80 };

/** The walk and the kernel agree, and the walk ends where it should. */
async function agree(question: Question, there: string, back: string): Promise<void> {
  const both = await askBoth(question);
  expect(both.predicted.outcome, traceText(both)).toBe(both.probed.outcome);
  expect([endText(both.snapshot, both.trip.forward), endText(both.snapshot, both.trip.back)]).toEqual([
    there,
    back,
  ]);
}

describe('all well', () => {
  it.each<[Question['protocol'], number | undefined, string]>([
    ['tcp', 80, 'delivered at blue'],
    ['tcp', 81, 'refused at blue'],
    ['udp', 7000, 'delivered at blue'],
    ['udp', 7001, 'refused at blue'],
    ['icmp', undefined, 'delivered at blue'],
  ])('%s %s: %s', async (protocol, port, there) => {
    const question = { from: 'netns:red', to: '10.0.2.2', protocol, ...(port === undefined ? {} : { port }) };
    await agree(question, there, 'delivered at red');
  });

  it.each(['10.0.1.1', '10.0.12.1', '10.0.12.2', '10.0.2.1', '10.0.1.2', '127.0.0.1'])(
    'red reaches %s',
    async (to) => {
      const both = await askBoth({ from: 'netns:red', to, protocol: 'icmp' });
      expect([both.predicted.outcome, both.probed.outcome], traceText(both)).toEqual(['reply', 'reply']);
    },
  );
});

type Fault = readonly [name: string, where: string, commands: readonly string[], there: string, back: string];

const FAULTS: readonly Fault[] = [
  ['no route at the sender', 'red', ['ip route del default'], 'no-route at red', 'nothing'],
  ['no route at a router', 'one', ['ip route del 10.0.2.0/24'], 'no-route at one', 'nothing'],
  [
    'no route back at the receiver',
    'blue',
    ['ip route del default'],
    'delivered at blue',
    'no-route at blue',
  ],
  ['no route back at a router', 'two', ['ip route del 10.0.1.0/24'], 'delivered at blue', 'no-route at two'],
  ['a blackhole at the sender', 'red', ['ip route add blackhole 10.0.2.0/24'], 'blackhole at red', 'nothing'],
  [
    'an unreachable at the sender',
    'red',
    ['ip route add unreachable 10.0.2.0/24'],
    'no-route at red',
    'nothing',
  ],
  ['a prohibit at the sender', 'red', ['ip route add prohibit 10.0.2.0/24'], 'prohibited at red', 'nothing'],
  ['a throw at the sender', 'red', ['ip route add throw 10.0.2.0/24'], 'no-route at red', 'nothing'],
  ['a blackhole at a router', 'one', ['ip route add blackhole 10.0.2.2'], 'blackhole at one', 'nothing'],
  ['an unreachable at a router', 'one', ['ip route add unreachable 10.0.2.2'], 'no-route at one', 'nothing'],
  ['a prohibit at a router', 'one', ['ip route add prohibit 10.0.2.2'], 'prohibited at one', 'nothing'],
  ['forwarding off', 'one', ['sysctl -qw net.ipv4.ip_forward=0'], 'not-forwarded at one', 'nothing'],
  [
    'forwarding off where it comes in',
    'one',
    ['sysctl -qw net.ipv4.conf.r0.forwarding=0'],
    'not-forwarded at one',
    'nothing',
  ],
  [
    'forwarding off where the answer comes in',
    'one',
    ['sysctl -qw net.ipv4.conf.r1.forwarding=0'],
    'delivered at blue',
    'not-forwarded at one',
  ],
  [
    'a gateway that nobody is',
    'red',
    ['ip route replace default via 10.0.1.77'],
    'neighbour-unresolved at red',
    'nothing',
  ],
  [
    'nobody has the address',
    'blue',
    ['ip address del 10.0.2.2/24 dev eth0'],
    'neighbour-unresolved at two',
    'nothing',
  ],
  ['an interface down at the receiver', 'blue', ['ip link set eth0 down'], 'link-down at two', 'nothing'],
  ['an interface down at a router', 'two', ['ip link set r1 down'], 'no-route at two', 'nothing'],
  [
    'a permanent neighbour with a wrong address',
    'one',
    ['ip neigh replace 10.0.12.2 lladdr 02:00:00:00:00:99 dev r1 nud permanent'],
    'filtered-source at two',
    'nothing',
  ],
  [
    'a strict reverse path filter',
    'two',
    ['sysctl -qw net.ipv4.conf.r0.rp_filter=1', 'ip route replace 10.0.1.0/24 via 10.0.2.2'],
    'filtered-source at two',
    'nothing',
  ],
  [
    'a strict reverse path filter for all interfaces',
    'two',
    ['sysctl -qw net.ipv4.conf.all.rp_filter=1', 'ip route replace 10.0.1.0/24 via 10.0.2.2'],
    'filtered-source at two',
    'nothing',
  ],
  [
    'a loose reverse path filter, and any route back',
    'two',
    ['sysctl -qw net.ipv4.conf.r0.rp_filter=2', 'ip route add default via 10.0.12.1'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a loose reverse path filter, and no route back',
    'two',
    ['sysctl -qw net.ipv4.conf.r0.rp_filter=2', 'ip route del 10.0.1.0/24'],
    'filtered-source at two',
    'nothing',
  ],
  [
    'echo requests ignored',
    'blue',
    ['sysctl -qw net.ipv4.icmp_echo_ignore_all=1'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'two routers that send it to each other',
    'two',
    ['ip route add 10.0.2.2 via 10.0.12.1'],
    'loop at two',
    'nothing',
  ],
  [
    'a rule that leads the source astray',
    'red',
    ['ip rule add from 10.0.1.2 lookup 100', 'ip route add blackhole default table 100'],
    'blackhole at red',
    'nothing',
  ],
  [
    'a rule that leads what comes in by a device astray',
    'one',
    ['ip rule add iif r0 lookup 100', 'ip route add prohibit default table 100'],
    'prohibited at one',
    'nothing',
  ],
  [
    'a rule that leads the answer astray',
    'blue',
    ['ip rule add from 10.0.2.0/24 to 10.0.1.0/24 blackhole'],
    'delivered at blue',
    'blackhole at blue',
  ],
  [
    'a rule for one port',
    'red',
    ['ip rule add ipproto tcp dport 80 prohibit'],
    'prohibited at red',
    'nothing',
  ],
  [
    'a rule for another port',
    'red',
    ['ip rule add ipproto tcp dport 81 prohibit'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a rule for one port, at a router',
    'one',
    ['ip rule add ipproto tcp dport 80 prohibit'],
    'prohibited at one',
    'nothing',
  ],
  [
    'a rule for another protocol’s port, at a router',
    'one',
    ['ip rule add ipproto udp dport 80 prohibit'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a rule for the user who asks',
    'red',
    ['ip rule add uidrange 0-0 prohibit'],
    'prohibited at red',
    'nothing',
  ],
  [
    'a rule for other users',
    'red',
    ['ip rule add uidrange 1000-2000 prohibit'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'what a router forwards counts as root’s',
    'one',
    ['ip rule add uidrange 0-0 iif r0 prohibit'],
    'prohibited at one',
    'nothing',
  ],
  [
    'a rule for packets of a service that these are not of',
    'one',
    ['ip rule add tos 0x10 prohibit'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a rule that leaps over another',
    'one',
    ['ip rule add pref 10 goto 30', 'ip rule add pref 20 prohibit', 'ip rule add pref 30 lookup main'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a next hop object that nobody is',
    'one',
    ['ip nexthop add id 7 via 10.0.12.77 dev r1', 'ip route replace 10.0.2.0/24 nhid 7'],
    'neighbour-unresolved at one',
    'nothing',
  ],
  [
    'a next hop object that discards',
    'one',
    ['ip nexthop add id 8 blackhole', 'ip route replace 10.0.2.0/24 nhid 8'],
    'blackhole at one',
    'nothing',
  ],
  [
    'several next hops that lead to the same',
    'one',
    [
      'ip -n two address add 10.0.12.3/24 dev r0',
      'ip route replace 10.0.2.0/24 nexthop via 10.0.12.2 weight 3 nexthop via 10.0.12.3',
    ],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a gateway that is on no network of the router’s (onlink)',
    'one',
    ['ip -n two address add 10.99.0.2/32 dev r0', 'ip route replace 10.0.2.0/24 via 10.99.0.2 dev r1 onlink'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a table that throws back',
    'one',
    ['ip route add throw 10.0.2.0/24 table 50', 'ip rule add pref 50 lookup 50'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'the default route does not count',
    'red',
    ['ip rule add lookup main suppress_prefixlength 0 pref 10', 'ip rule add prohibit pref 20'],
    'prohibited at red',
    'nothing',
  ],
  [
    'a more specific route to nobody',
    'red',
    ['ip route add 10.0.2.0/25 via 10.0.1.77'],
    'neighbour-unresolved at red',
    'nothing',
  ],
  [
    'a worse route to nobody',
    'red',
    ['ip route add default via 10.0.1.77 metric 50'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a source that the others cannot answer',
    'red',
    ['ip address add 10.9.9.9/32 dev lo', 'ip route replace default via 10.0.1.1 src 10.9.9.9'],
    'delivered at blue',
    'no-route at two',
  ],
  [
    'a source that belongs to the router',
    'red',
    ['ip address add 10.0.12.1/32 dev lo', 'ip route replace default via 10.0.1.1 src 10.0.12.1'],
    'filtered-source at one',
    'nothing',
  ],
  [
    'the prefix is too short: the receiver looks near',
    'red',
    ['ip address del 10.0.1.2/24 dev eth0', 'ip address add 10.0.1.2/16 dev eth0'],
    'neighbour-unresolved at red',
    'nothing',
  ],
];

describe('to everybody', () => {
  it.each([
    ['on its own network', '10.0.1.255'],
    ['wherever it is', '255.255.255.255'],
    ['on a network behind a router', '10.0.2.255'],
    ['on a network behind a router, whose name is its first address', '10.0.2.0'],
  ])('%s', async (_, to) => {
    for (const protocol of ['tcp', 'udp', 'icmp'] as const) {
      const both = await askBoth({
        from: 'netns:red',
        to,
        protocol,
        ...(protocol === 'icmp' ? {} : { port: 80 }),
      });
      expect([protocol, both.predicted.outcome], traceText(both)).toEqual([protocol, both.probed.outcome]);
    }
  });
});

describe('one thing is wrong', () => {
  it.each(FAULTS)('%s', async (_, where, commands, there, back) => {
    await disturb(net, where, commands);
    await agree(TO_BLUE, there, back);
  });
});

describe('several next hops', () => {
  it('where one of them leads nowhere, nobody can say which the kernel takes', async () => {
    await net.run('one', 'ip route replace 10.0.2.0/24 nexthop via 10.0.12.2 nexthop via 10.0.12.77');
    const both = await askBoth(TO_BLUE);
    expect(both.predicted.certain, traceText(both)).toBe(false);
    expect(both.trip.forward.doubts.join()).toContain('several next hops');
  });
});

describe('what was learnt', () => {
  it('an ICMP redirect leads past a router', async () => {
    await net.namespaces('ann', 'gate', 'near');
    await net.wire('ann/eth0 10.5.0.2/24', 'host/va');
    await net.wire('gate/eth0 10.5.0.1/24', 'host/vg');
    await net.wire('near/eth0 10.5.0.3/24', 'host/vn');
    await net.bridge('host/br5', 'va', 'vg', 'vn');
    await net.run('near', 'ip address add 10.7.0.1/32 dev lo');
    await net.run('ann', 'ip route add default via 10.5.0.1');
    await net.run('gate', 'ip route add 10.7.0.0/24 via 10.5.0.3');
    await net.run('gate', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=1');
    await net.run(
      'ann',
      'sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.eth0.accept_redirects=1',
    );
    // It is believed once the new gateway is known, and IPv4 lists it once it was used (__ip_do_redirect(), fnhe_dump_bucket()).
    while (!(await net.run('ann', 'ip route show cache')).includes('10.5.0.3'))
      await net.run('ann', 'ping -n -c 1 -W 1 10.7.0.1');
    await net.run('gate', 'ip route del 10.7.0.0/24');
    const both = await askBoth({ from: 'netns:ann', to: '10.7.0.1', protocol: 'icmp' });
    expect(both.probed.outcome, traceText(both)).toBe('reply');
    expect(both.predicted, traceText(both)).toEqual({ outcome: 'reply', certain: true });
  });
});
