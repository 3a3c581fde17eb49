import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { why } from '../../../diagnostics/why.ts';
import { agree } from '../../support/agree.ts';
import { askBoth, endText, traceText, type Question } from '../../support/ask-both.ts';
import { brief } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
afterEach(() => net.close());

/** red — one — two — blue by IPv6 alone, all well: three wires, two routers, servers on TCP 80 and UDP 7000 of blue. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'one', 'two', 'blue');
  await Promise.all([
    net.wire('red/eth0 fd00:1::2/64', 'one/r0 fd00:1::1/64'),
    net.wire('one/r1 fd00:12::1/64', 'two/r0 fd00:12::2/64'),
    net.wire('two/r1 fd00:2::1/64', 'blue/eth0 fd00:2::2/64'),
  ]);
  await net.run('red', 'ip route add default via fd00:1::1');
  await net.run('one', 'ip route add fd00:2::/64 via fd00:12::2');
  await net.run('two', 'ip route add fd00:1::/64 via fd00:12::1');
  await net.run('blue', 'ip route add default via fd00:2::1');
  for (const router of ['one', 'two']) await net.run(router, 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('blue', { protocol: 'udp', port: 7000, address: '::' });
  await hasty(net, 'red', 'one', 'two', 'blue');
});

const TO_BLUE = { from: 'netns:red', to: 'fd00:2::2' } as const;

/** The walk and the kernel agree, and the walk ends where it should. */
type Probed = Pick<Question, 'protocol' | 'port'>;

/** Faults of routing do not know protocols: they take turns. */
const OTHERS: readonly [Probed, Probed, Probed] = [
  { protocol: 'tcp', port: 80 },
  { protocol: 'udp', port: 7000 },
  { protocol: 'icmp' },
];

describe('all well', () => {
  it('delivers, refuses and echoes', async () => {
    for (const [protocol, port, there] of [
      ['tcp', 80, 'delivered at blue'],
      ['tcp', 81, 'refused at blue'],
      ['udp', 7000, 'delivered at blue'],
      ['udp', 7001, 'refused at blue'],
      ['icmp', undefined, 'delivered at blue'],
    ] as const)
      await agree(
        { from: 'netns:red', to: 'fd00:2::2', protocol, ...(port === undefined ? {} : { port }) },
        there,
        'delivered at red',
      );
  });

  it('red reaches every address on the way, and its own', async () => {
    for (const to of ['fd00:1::1', 'fd00:12::1', 'fd00:12::2', 'fd00:2::1', 'fd00:1::2', '::1']) {
      const both = await askBoth({ from: 'netns:red', to, protocol: 'icmp' });
      expect([both.predicted.outcome, both.probed.outcome], traceText(both)).toEqual(['reply', 'reply']);
    }
  });
});

it('an address that is still being tried when it is asked for: the answer is what the kernel does in the end', async () => {
  await net.run('blue', 'sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.eth0.dad_transmits=1');
  // Its neighbour asks longer than that takes.
  await net.run('two', 'sysctl -qw net.ipv6.neigh.r1.retrans_time_ms=2000');
  await net.run('blue', 'ip address add fd00:2::9/64 dev eth0');
  const asked = { from: 'netns:red', to: 'fd00:2::9', port: 80, protocol: 'tcp' as const };
  const options = { language: 'en' as const, probe: true, timeoutMilliseconds: 8000 };
  const diagnosis = await why(createLiveSource(openMachine()), asked, options);
  expect([diagnosis.verdict, diagnosis.probe.agrees, diagnosis.causes], brief(diagnosis)).toEqual([
    'reachable',
    true,
    [],
  ]);
});

it('a router keeps answers to the anycast address of its network for itself', async () => {
  await net.run('blue', 'ip -6 address add fd00:5::/64 dev eth0 nodad');
  await net.run('two', 'ip -6 address add fd00:5::7/64 dev r1 nodad');
  await agree(
    { from: 'netns:blue', to: 'fd00:5::7', protocol: 'tcp', port: 81 },
    'refused at two',
    'refused at two',
  );
});

it.each([
  ['fd00:1::', '--reject-with icmp6-adm-prohibited'],
  ['fd00:12::', '--reject-with tcp-reset'],
])(
  'a router rejects what is sent to the anycast address of its network %s, from that address',
  async (to, answer) => {
    await net.run('one', `ip6tables -A INPUT -p tcp -j REJECT ${answer}`);
    await agree({ from: 'netns:red', to, protocol: 'tcp', port: 80 }, 'rejected at one', 'delivered at red');
  },
);

it.each([
  ['tcp', 80, 'delivered at blue'],
  ['udp', 7000, 'prohibited at red'],
  ['icmp', undefined, 'prohibited at red'],
] as const)(
  'a rule for the ports that senders choose is asked by %s with the port, or before there is one',
  async (protocol, port, there) => {
    await net.run('red', 'ip -6 rule add pref 600 sport 32768-60999 prohibit');
    const question = { ...TO_BLUE, protocol, ...(port === undefined ? {} : { port }) };
    await agree(question, there, there === 'delivered at blue' ? 'delivered at red' : 'nothing');
  },
);

it('an error about an address that a route alone makes local is spoken by the interface', async () => {
  await net.run('one', 'ip route add fd00:9::/64 via fd00:12::2');
  await net.run('two', 'ip route add fd00:9::/64 via fd00:2::2');
  await net.run('blue', 'ip -6 route add local fd00:9::9 dev lo');
  await net.run('blue', 'ip6tables -A OUTPUT -s fd00:9::9 -p icmpv6 -j DROP');
  await agree(
    { from: 'netns:red', to: 'fd00:9::9', protocol: 'udp', port: 7001 },
    'refused at blue',
    'delivered at red',
  );
});

describe('routes for some sources only', () => {
  it.each<[string, (readonly [node: string, ...words: string[]])[], 'reply' | 'unreachable' | 'timeout']>([
    [
      'the own one, chosen before there is a route',
      [['red', 'replace default from fd00:1::/64 via fd00:1::1']],
      'reply',
    ],
    ['another one', [['red', 'replace default from fd77::/64 via fd00:1::1']], 'unreachable'],
    ['another one, beside a default route', [['red', 'add default from fd77::/64 via fd00:1::9']], 'reply'],
    [
      'another one, beside a route to the same network',
      [
        ['red', 'add fd00:2::/64 from fd77::/64 via fd00:1::9'],
        ['red', 'add fd00:2::/64 via fd00:1::1'],
        ['red', 'add blackhole fd00::/16'],
      ],
      // fib6_node_lookup_1(): whose routes for sources do not fit, its others are passed by.
      'unreachable',
    ],
    [
      'the narrower of two',
      [
        ['red', 'add default from fd00:1::/64 via fd00:1::9'],
        ['red', 'add default from fd00:1::2/128 via fd00:1::1'],
      ],
      'reply',
    ],
    ['in a router', [['one', 'replace fd00:2::/64 from fd00:1::/64 via fd00:12::2']], 'reply'],
    [
      'in a router, another one',
      [['one', 'replace fd00:2::/64 from fd77::/64 via fd00:12::2']],
      'unreachable',
    ],
  ])('%s', async (_, routes, outcome) => {
    for (const [node, ...words] of routes) {
      const [verb = '', ...rest] = words.join(' ').split(' ');
      if (verb === 'replace')
        for (const old of ['default', 'fd00:2::/64'])
          await net.run(node, ['sh', '-c', `ip -6 route del ${old} 2>/dev/null || true`]);
      await net.run(node, ['ip', '-6', 'route', 'add', ...rest]);
    }
    for (const probed of OTHERS) {
      const both = await askBoth({ ...TO_BLUE, ...probed });
      expect(both.predicted.outcome, traceText(both)).toBe(both.probed.outcome);
      if (probed.protocol === 'tcp') expect(both.probed.outcome, traceText(both)).toBe(outcome);
    }
  });
});

it('an error speaks from the interface that the packet came in by, not from that which it leaves by', async () => {
  await net.wire('red/eth9 fd00:9::2/64', 'one/r9 fd00:9::1/64');
  await net.run('one', 'ip route add fd00:1::2/128 via fd00:9::2');
  const both = await askBoth({ from: 'netns:red', to: 'fd00:77::1', protocol: 'icmp' });
  const [said] = both.trip.notice?.hops[0]?.steps ?? [];
  expect(both.probed.detail, traceText(both)).toMatch(/^fd00:1::1 answered/);
  expect(said?.kind === 'send' && said.packet.source, traceText(both)).toBe('fd00:1::1');
});

it('an interface and a route say how many routers a packet may pass', async () => {
  await net.run('red', 'sysctl -qw net.ipv6.conf.eth0.hop_limit=2');
  const short = await askBoth({ ...TO_BLUE, protocol: 'icmp' });
  expect([endText(short.snapshot, short.trip.forward), short.predicted.outcome], traceText(short)).toEqual([
    'ttl-expired at two',
    short.probed.outcome,
  ]);
  await net.run('red', 'ip -6 route replace default via fd00:1::1 hoplimit 9');
  const routed = await askBoth({ ...TO_BLUE, protocol: 'icmp' });
  expect([routed.predicted.outcome, routed.probed.outcome], traceText(routed)).toEqual(['reply', 'reply']);
});

type Fault = readonly [name: string, where: string, commands: readonly string[], there: string, back: string];

const FAULTS: readonly Fault[] = [
  ['no route at the sender', 'red', ['ip -6 route del default'], 'no-route at red', 'nothing'],
  ['no route at a router', 'one', ['ip route del fd00:2::/64'], 'no-route at one', 'nothing'],
  [
    'no route at a router that forwards nothing either',
    'one',
    ['ip route del fd00:2::/64', 'sysctl -qw net.ipv6.conf.all.forwarding=0'],
    'no-route at one',
    'nothing',
  ],
  ['no route back', 'blue', ['ip -6 route del default'], 'delivered at blue', 'no-route at blue'],
  ['no route back at a router', 'two', ['ip route del fd00:1::/64'], 'delivered at blue', 'no-route at two'],
  ['a blackhole at the sender', 'red', ['ip route add blackhole fd00:2::/64'], 'blackhole at red', 'nothing'],
  ['an unreachable here', 'red', ['ip route add unreachable fd00:2::/64'], 'no-route at red', 'nothing'],
  ['a prohibit at the sender', 'red', ['ip route add prohibit fd00:2::/64'], 'prohibited at red', 'nothing'],
  ['a throw at the sender', 'red', ['ip route add throw fd00:2::/64'], 'no-route at red', 'nothing'],
  ['a blackhole on the way', 'one', ['ip route add blackhole fd00:2::2'], 'blackhole at one', 'nothing'],
  ['an unreachable on the way', 'one', ['ip route add unreachable fd00:2::2'], 'no-route at one', 'nothing'],
  ['a prohibit on the way', 'two', ['ip route add prohibit fd00:2::2'], 'prohibited at two', 'nothing'],
  [
    'a route of a lower metric',
    'one',
    ['ip route add blackhole fd00:2::/64 metric 100'],
    'blackhole at one',
    'nothing',
  ],
  [
    'a rule that refuses',
    'two',
    ['ip -6 rule add pref 100 from fd00:1::/64 to fd00:2::/64 prohibit'],
    'prohibited at two',
    'nothing',
  ],
  [
    'a rule to an empty table, which goes on',
    'two',
    ['ip -6 rule add pref 100 iif r0 lookup 77'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a rule by source, of no effect before there is a source',
    'red',
    ['ip route add blackhole default table 77', 'ip -6 rule add pref 100 from fd00:1::2 lookup 77'],
    'delivered at blue',
    'delivered at red',
  ],
  ['forwarding off', 'one', ['sysctl -qw net.ipv6.conf.all.forwarding=0'], 'not-forwarded at one', 'nothing'],
  [
    'forwarding off on the devices alone: of no effect',
    'one',
    ['sysctl -qw net.ipv6.conf.r0.forwarding=0 net.ipv6.conf.r1.forwarding=0'],
    'delivered at blue',
    'delivered at red',
  ],
  [
    'a forced device forwards what comes in by it, and not the answer',
    'two',
    ['sysctl -qw net.ipv6.conf.all.forwarding=0', 'sysctl -qw net.ipv6.conf.r0.force_forwarding=1'],
    'delivered at blue',
    'not-forwarded at two',
  ],
  [
    'nobody at the gateway',
    'red',
    ['ip -6 route replace default via fd00:1::77'],
    'neighbour-unresolved at red',
    'nothing',
  ],
  [
    'the address is gone',
    'blue',
    ['ip addr del fd00:2::2/64 dev eth0'],
    'neighbour-unresolved at two',
    'nothing',
  ],
  [
    'the address is on another device: only that one answers for it',
    'blue',
    ['ip addr del fd00:2::2/64 dev eth0', 'ip addr add fd00:2::2/128 dev lo'],
    'neighbour-unresolved at two',
    'nothing',
  ],
  [
    'IPv6 switched off at the receiver',
    'blue',
    ['sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1'],
    'neighbour-unresolved at two',
    'nothing',
  ],
  [
    'IPv6 switched off at the sender',
    'red',
    ['sysctl -qw net.ipv6.conf.all.disable_ipv6=1'],
    'no-route at red',
    'nothing',
  ],
  [
    'a wrong neighbour entry',
    'two',
    ['ip neigh replace fd00:2::2 dev r1 lladdr 02:00:00:00:00:77 nud permanent'],
    'filtered-source at blue',
    'nothing',
  ],
  [
    'a device without a link-local address cannot ask for others',
    'two',
    ['ip -6 addr flush dev r1 scope link', 'ip neigh flush dev r1'],
    'neighbour-unresolved at two',
    'nothing',
  ],
];

describe('faults', () => {
  it.each(FAULTS.map((fault, index) => [fault[0], fault, OTHERS[index % 3] ?? OTHERS[0]] as const))(
    '%s',
    async (_name, [, where, commands, there, back], other) => {
      for (const command of commands) await net.run(where, command);
      await agree({ ...TO_BLUE, ...other }, there, back);
    },
  );
});
