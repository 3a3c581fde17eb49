import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { describe, expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgedPair } from '../../support/pairs.ts';

/** red – one – two – blue, a server on blue's port 80, and a link of 1400 bytes between the routers. */
async function narrowMiddle(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'one', 'two', 'blue');
  await net.wire('red/eth0 10.0.1.2/24 fd00:1::2/64', 'one/ra 10.0.1.1/24 fd00:1::1/64');
  await net.wire('one/rb 10.0.12.1/24 fd00:12::1/64', 'two/ra 10.0.12.2/24 fd00:12::2/64');
  await net.wire('two/rb 10.0.2.1/24 fd00:2::1/64', 'blue/eth0 10.0.2.2/24 fd00:2::2/64');
  for (const [node, ...routes] of [
    ['red', 'default via 10.0.1.1', 'default via fd00:1::1'],
    ['one', '10.0.2.0/24 via 10.0.12.2', 'fd00:2::/64 via fd00:12::2'],
    ['two', '10.0.1.0/24 via 10.0.12.1', 'fd00:1::/64 via fd00:12::1'],
    ['blue', 'default via 10.0.2.1', 'default via fd00:2::1'],
  ] as const)
    for (const route of routes) await net.run(node, `ip route add ${route}`);
  for (const router of ['one', 'two'])
    await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await net.run('one', 'ip link set rb mtu 1400');
  await net.run('two', 'ip link set ra mtu 1400');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
}

/** What the sender learnt while the message still came through would keep it going for ten minutes. */
const forget = async (net: TestNetwork): Promise<void> => {
  for (const node of ['red', 'blue']) {
    await net.run(node, 'ip route flush cache');
    await net.run(node, 'ip -6 route flush cache');
  }
};

const to4 = { from: 'netns:red', to: '10.0.2.2:80' };
const to6 = { from: 'netns:red', to: '[fd00:2::2]:80' };

testCause({
  fault: 'a router on the way sends no “fragmentation needed”',
  healthy: narrowMiddle,
  breakIt: async (net) => {
    await forget(net);
    await net.run('one', 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP');
  },
  ask: to4,
  verdict: 'partial',
  causes: ['mtu-black-hole'],
  at: ['netns:one'],
  forget,
});

testCause({
  fault: 'the sender’s own firewall takes no ICMPv6 “packet too big”',
  healthy: narrowMiddle,
  breakIt: async (net) => {
    await forget(net);
    await net.run('red', 'ip6tables -A INPUT -p icmpv6 --icmpv6-type packet-too-big -j DROP');
  },
  ask: to6,
  verdict: 'partial',
  causes: ['mtu-black-hole'],
  at: ['netns:one'],
  forget,
});

testCause({
  fault: 'the answer’s side is never told',
  healthy: narrowMiddle,
  breakIt: async (net) => {
    await forget(net);
    await net.run('blue', [
      ...['nft', 'add table inet f; add chain inet f in { type filter hook input priority 0 ; };'],
      'add rule inet f in icmp type destination-unreachable drop',
    ]);
  },
  ask: to4,
  verdict: 'partial',
  causes: ['mtu-black-hole'],
  at: ['netns:two'],
  forget,
});

testCause({
  fault: 'one end of a wire is narrower than the other',
  healthy: async (net) => {
    await bridgedPair(net);
    await net.run('red', 'ip link set eth0 mtu 9000');
    await net.run('host', 'ip link set vr mtu 9000');
    await net.run('host', 'ip link set vb mtu 9000');
    await net.run('host', 'ip link set br0 mtu 9000');
    await net.run('blue', 'ip link set eth0 mtu 9000');
  },
  breakIt: async (net) => {
    await net.run('host', 'ip link set vb mtu 1500');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  verdict: 'partial',
  causes: ['mtu-black-hole'],
  at: ['host'],
});

describe('no black hole', () => {
  test('whether packets of a size that is asked for pass whole is told', async () => {
    await using net = await buildNetwork();
    await narrowMiddle(net);
    const told = async (size: number) => (await ask({ ...to4, size })).notes;
    expect(await told(1400)).toEqual(['Packets of 1400 bytes pass whole.']);
    const atMost = 'at most 1400 bytes do. The sender is told so, and sends smaller ones.';
    expect(await told(1500)).toEqual([`Packets of 1500 bytes do not pass whole: ${atMost}`]);
  });

  test.each([
    ['IPv4', to4],
    ['IPv6', to6],
  ])('a smaller MTU on the way that the sender is told of, %s', async (_family, question) => {
    await using net = await buildNetwork();
    await narrowMiddle(net);
    const diagnosis = await ask(question);
    expect(diagnosis.verdict, brief(diagnosis)).toBe('reachable');
    expect(diagnosis.causes).toEqual([]);
    expect(diagnosis.probe.sizes, brief(diagnosis)).toEqual([
      { direction: 'forward', fate: 'adapts', passes: 1400, vanishes: null },
    ]);
    expect(diagnosis.legs[0]?.large?.map(({ direction, fate, passes }) => [direction, fate, passes])).toEqual(
      [
        ['forward', 'adapts', 1400],
        ['back', 'adapts', 1400],
      ],
    );
  });

  test.each([
    [
      'iptables',
      'iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
    ],
    [
      'iptables, a number',
      'iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360',
    ],
    [
      'nft',
      'nft add table ip m; add chain ip m f { type filter hook forward priority -150; }; add rule ip m f tcp flags syn tcp option maxseg size set rt mtu',
    ],
  ])('filtered messages, and segments clamped by %s', async (_tool, command) => {
    await using net = await buildNetwork();
    await narrowMiddle(net);
    await net.run('one', 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP');
    await net.run('one', command);
    const diagnosis = await ask(to4);
    expect(diagnosis.verdict, brief(diagnosis)).toBe('reachable');
    expect(diagnosis.causes).toEqual([]);
  });

  test('a sender that lets routers fragment (ip_no_pmtu_disc)', async () => {
    await using net = await buildNetwork();
    await narrowMiddle(net);
    await net.run('one', 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP');
    await net.run('red', 'sysctl -qw net.ipv4.ip_no_pmtu_disc=1');
    const diagnosis = await ask(to4, false);
    expect(diagnosis.verdict, brief(diagnosis)).toBe('reachable');
  });

  test('a size that the question asks for', async () => {
    await using net = await buildNetwork();
    await narrowMiddle(net);
    await net.run('one', 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP');
    const smaller = await ask({ ...to4, size: 1400 });
    expect(smaller.verdict, brief(smaller)).toBe('reachable');
    const larger = await ask({ ...to4, size: 1401 });
    expect(larger.verdict, brief(larger)).toBe('partial');
    expect(larger.probe.sizes).toEqual([
      { direction: 'forward', fate: 'lost', passes: 1400, vanishes: 1401 },
    ]);
  });

  test.each([
    ['IPv4', '10.0.2.2', to4, 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP'],
    ['IPv6', 'fd00:2::2', to6, 'ip6tables -A OUTPUT -p icmpv6 --icmpv6-type packet-too-big -j DROP'],
  ])('what the sender remembers of an earlier message still helps it, %s', async (_, to, question, drop) => {
    await using net = await buildNetwork();
    await narrowMiddle(net);
    await net.run('red', ['sh', '-c', `ping -c 1 -W 1 -M do -s 1452 ${to} || true`]);
    // IPv4 lists what it learnt only once it was used (fnhe_dump_bucket()).
    await net.run('red', ['ping', '-c', '1', '-W', '1', to]);
    await net.run('one', drop);
    const diagnosis = await ask(question, false);
    expect(diagnosis.verdict, brief(diagnosis)).toBe('reachable');
  });
});

test('each of the other fixes works too: segments clamped, a wider link, the message let through', async () => {
  await using net = await buildNetwork();
  await narrowMiddle(net);
  await net.run('one', 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP');
  const broken = await ask(to4);
  const [cause] = broken.causes;
  expect(cause?.fixes.map(({ proven }) => proven)).toEqual([true, true, true, true]);
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  for (const fix of [1, 2, 3]) {
    await forget(net);
    const applied = await applyFixes(await ask(to4), { ask: (probe) => ask(to4, probe), run, fix });
    expect(applied.outcome, `${fix} ${brief(applied.diagnosis)}`).toBe('works');
    expect(await undoSteps(applied.undo, run)).toBeNull();
  }
});
