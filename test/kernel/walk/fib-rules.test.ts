import { afterAll, afterEach, beforeAll, it } from 'vitest';
import { agreeForCertain, ping, tcp } from '../../support/agree.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
/** red — fw — blue and, at another device of fw, green, by which marked packets go to blue’s network. */
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'fw', 'blue', 'green');
  await net.wire('red/eth0 10.0.1.2/24 fd01::2/64', 'fw/in 10.0.1.1/24 fd01::1/64');
  await net.wire('fw/out 10.0.2.1/24 fd02::1/64', 'blue/eth0 10.0.2.2/24 fd02::2/64');
  await net.wire('fw/side 10.0.3.1/24 fd03::1/64', 'green/eth0 10.0.3.2/24 fd03::2/64');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('red', 'ip -6 route add default via fd01::1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('blue', 'ip -6 route add default via fd02::1');
  await net.run('fw', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('fw', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.run('fw', 'ip rule add fwmark 5 lookup 100');
  await net.run('fw', 'ip -6 rule add fwmark 5 lookup 100');
  await net.run('fw', 'ip route add 10.0.2.0/24 via 10.0.3.2 table 100');
  await net.run('fw', 'ip -6 route add fd02::/64 via fd03::2 table 100');
  await net.run('fw', 'ip rule add fwmark 6 lookup 101');
  await net.run('fw', 'ip -6 rule add fwmark 6 lookup 101');
  await net.run('fw', 'ip route add default via 10.0.1.2 table 101');
  await net.run('fw', 'ip -6 route add default via fd01::2 table 101');
  await net.run('fw', 'ip rule add fwmark 7 lookup 102');
  await net.run('fw', 'ip -6 rule add fwmark 7 lookup 102');
  await net.run('fw', 'ip route add default via 10.0.3.2 table 102');
  await net.run('fw', 'ip -6 route add default via fd03::2 table 102');
  await net.run('fw', 'ip route add blackhole 10.0.9.0/24');
  await net.run('fw', 'ip -6 route add blackhole fd09::/64');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('fw', { protocol: 'tcp', port: 80, address: '::' });
  await hasty(net, 'red', 'fw', 'blue', 'green');
});
afterEach(() => net.run('fw', 'nft flush ruleset'));
afterAll(() => net.close());

const chain = (hook: string, ...rules: string[]): string =>
  `chain ${hook} { type filter hook ${hook} priority 0;\n${rules.join('\n')}\n}`;

/** Rules, and whether fw lets a connection of red go to blue, and to fw itself. */
it.each<readonly [string, string, boolean, boolean]>([
  [
    'a route there by where it came in',
    chain('prerouting', 'tcp dport 80 fib daddr . iif oif exists drop'),
    true,
    true,
  ],
  ['none', chain('prerouting', 'tcp dport 80 fib daddr . iif oif missing drop'), false, false],
  ['one of the name', chain('prerouting', 'tcp dport 80 fib daddr . iif oifname != "in" drop'), false, false],
  [
    'one of the name, by the mark',
    chain(
      'prerouting',
      'iifname "in" tcp dport 80 meta mark set 6 fib daddr . mark . iif oifname "in" meta mark set 0 accept',
      'iifname "in" tcp dport 80 drop',
    ),
    true,
    false,
  ],
  [
    'one of these numbers, without the mark',
    chain(
      'prerouting',
      'tcp dport 80 meta mark set 6 fib daddr . iif oif { "in", "out" } drop',
      'meta mark set 0',
    ),
    true,
    true,
  ],
  ['no route to it', chain('prerouting', 'tcp dport 80 fib daddr oif missing drop'), true, false],
  [
    'a map of devices',
    chain('forward', 'tcp dport 80 fib daddr oif vmap { "out" : drop, "side" : accept }'),
    false,
    true,
  ],
  [
    'no device at all',
    chain('prerouting', 'tcp dport 80 fib daddr oif vmap { "out" : drop, "side" : drop, 0 : accept }'),
    false,
    true,
  ],
  [
    'a map of names',
    chain(
      'prerouting',
      'tcp dport 80 fib daddr oifname vmap { "out" : accept, "side" : drop }',
      'tcp dport 80 drop',
    ),
    true,
    false,
  ],
  ['devices and ports', chain('prerouting', 'fib daddr oif . tcp dport { "out" . 80 } drop'), false, true],
  [
    'a mark by a device',
    chain('prerouting', 'fib daddr oif "out" meta mark set 1', 'meta mark 1 tcp dport 80 drop'),
    false,
    true,
  ],
  [
    'a mark of which there is another route',
    chain(
      'prerouting',
      'iifname "in" tcp dport 80 meta mark set 5 fib daddr . mark oifname "side" meta mark set 0 accept',
      'iifname "in" tcp dport 80 drop',
    ),
    true,
    false,
  ],
  [
    'the same without asking for the mark',
    chain('prerouting', 'tcp dport 80 meta mark set 5 fib daddr oifname "side" drop', 'meta mark set 0'),
    true,
    true,
  ],
  [
    'the source by the mark',
    chain('prerouting', 'tcp dport 80 meta mark set 7 fib saddr . mark oif "side" drop', 'meta mark set 0'),
    false,
    false,
  ],
  [
    'the kind of an address, whatever the mark',
    chain('input', 'meta mark set 5 fib daddr . mark type local drop'),
    true,
    false,
  ],
  [
    'a map of kinds',
    chain('prerouting', 'fib daddr type vmap { local : drop, unicast : accept }'),
    true,
    false,
  ],
  [
    'kinds and names where it came in',
    chain(
      'prerouting',
      'fib daddr . iif type . iif . tcp dport { local . "in" . 80, unicast . "out" . 80 } drop',
    ),
    true,
    false,
  ],
])('%s', async (_, rules, toBlue, toFw) => {
  await net.run('fw', 'nft -f -', `table inet t {\n${rules}\n}`);
  for (const [blue, fw] of [
    ['10.0.2.2', '10.0.1.1'],
    ['fd02::2', 'fd01::1'],
  ] as const) {
    await agreeForCertain(tcp('red', blue, 80), toBlue ? 'delivered at blue' : 'dropped at fw');
    await agreeForCertain(tcp('red', fw, 80), toFw ? 'delivered at fw' : 'dropped at fw');
  }
});

/** RTN_BLACKHOLE is an answer of fib_lookup() as well: there is no device. */
it.each(['10.0.9.1', 'fd09::1'])('a route that refuses (%s)', async (to) => {
  await net.run('fw', 'nft -f -', `table inet t {\n${chain('prerouting', 'fib daddr oif missing drop')}\n}`);
  await agreeForCertain(ping('red', to), 'dropped at fw');
});

/** nft_fib_can_skip(): what the machine says to itself comes by the loopback; the answer is of a socket, and is looked for. */
it.each(['prerouting', 'input'])('the loopback, at %s', async (hook) => {
  const rules = [
    'fib saddr . iif oif missing drop',
    'fib daddr oif missing drop',
    'fib daddr . iif oifname != "lo" drop',
  ];
  for (const rule of rules) {
    await net.run('fw', 'nft flush ruleset');
    await net.run('fw', 'nft -f -', `table inet t {\n${chain(hook, rule)}\n}`);
    for (const to of ['127.0.0.1', '::1', '10.0.1.1', 'fd01::1'])
      await agreeForCertain(tcp('fw', to, 80), 'delivered at fw');
  }
});
