import { afterEach, beforeEach, expect, it } from 'vitest';
import { agree, agreeForCertain, ping, tcp } from '../../support/agree.ts';
import type { Question } from '../../support/ask-both.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
/** red — fw — blue and, at another device of fw, green; all know their ways. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'fw', 'blue', 'green');
  await net.wire('red/eth0 10.0.1.2/24', 'fw/in 10.0.1.1/24');
  await net.wire('fw/out 10.0.2.1/24', 'blue/eth0 10.0.2.2/24 10.0.2.3/24');
  await net.wire('fw/side 10.0.3.1/24', 'green/eth0 10.0.3.2/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('green', 'ip route add default via 10.0.3.1');
  await net.run('fw', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'udp', port: 7000 });
  await net.listen('green', { protocol: 'tcp', port: 80 });
  await hasty(net, 'red', 'fw', 'blue', 'green');
});
afterEach(() => net.close());

const udp = (to: string, port: number): Question => ({ from: 'netns:red', to, protocol: 'udp', port });

const chain = (name: string, type: string, hook: string, priority: number, ...rules: string[]): string =>
  `chain ${name} { type ${type} hook ${hook} priority ${priority};\n${rules.join('\n')}\n}`;

const pre = (...rules: string[]): string => chain('pre', 'filter', 'prerouting', 0, ...rules);
const raw = (...rules: string[]): string => chain('raw', 'filter', 'prerouting', -300, ...rules);
const post = (...rules: string[]): string => chain('post', 'filter', 'postrouting', 0, ...rules);

const THERE = 'ip daddr 10.0.2.9 ip daddr set 10.0.2.2';
const BACK = 'ip saddr 10.0.2.2 ip daddr 10.0.1.2 ip saddr set 10.0.2.9';

/** Where, the chains of a table there, the question, and where it and its answer end. */
it.each<readonly [string, string, readonly string[], Question, string, string]>([
  [
    'another destination, and nobody rewrites the answer',
    'fw',
    [pre(THERE)],
    tcp('red', '10.0.2.9', 80),
    'delivered at blue',
    'refused at red',
  ],
  [
    'another destination, and another source for the answer',
    'fw',
    [pre(THERE), post(BACK)],
    tcp('red', '10.0.2.9', 80),
    'delivered at blue',
    'delivered at red',
  ],
  [
    'conntrack does not know the answer again',
    'fw',
    [pre(THERE), post(BACK), chain('through', 'filter', 'forward', 0, 'ct state invalid drop')],
    tcp('red', '10.0.2.9', 80),
    'delivered at blue',
    'dropped at fw',
  ],
  [
    'before conntrack it does',
    'fw',
    [
      raw(THERE),
      chain('late', 'filter', 'postrouting', 300, BACK),
      chain('through', 'filter', 'forward', 0, 'ct state invalid drop'),
    ],
    tcp('red', '10.0.2.9', 80),
    'delivered at blue',
    'delivered at red',
  ],
  [
    'what conntrack has of a packet that was rewritten before it',
    'fw',
    [raw(THERE), chain('through', 'filter', 'forward', 0, 'ct original ip daddr 10.0.2.2 drop')],
    tcp('red', '10.0.2.9', 80),
    'dropped at fw',
    'nothing',
  ],
  [
    'what conntrack has of a packet that was rewritten behind its back',
    'fw',
    [
      pre(THERE),
      chain(
        'through',
        'filter',
        'forward',
        0,
        'ct original ip daddr 10.0.2.9 ct reply ip saddr 10.0.2.9 drop',
      ),
    ],
    tcp('red', '10.0.2.9', 80),
    'dropped at fw',
    'nothing',
  ],
  [
    'another port',
    'fw',
    [pre('tcp dport 8080 tcp dport set 80'), post('tcp sport 80 ip daddr 10.0.1.2 tcp sport set 8080')],
    tcp('red', '10.0.2.2', 8080),
    'delivered at blue',
    'delivered at red',
  ],
  [
    'another port for datagrams, out of a map',
    'fw',
    [
      pre('udp dport set udp dport map { 7001 : 7000 }'),
      post('ip daddr 10.0.1.2 udp sport set udp sport map { 7000 : 7001 }'),
    ],
    udp('10.0.2.2', 7001),
    'delivered at blue',
    'delivered at red',
  ],
  [
    'an answer to a datagram begins a connection of its own',
    'fw',
    [
      pre('udp dport 7001 udp dport set 7000'),
      post('udp sport 7000 ip daddr 10.0.1.2 udp sport set 7001'),
      chain('through', 'filter', 'forward', 0, 'iifname "out" ct state new drop'),
    ],
    udp('10.0.2.2', 7001),
    'delivered at blue',
    'dropped at fw',
  ],
  [
    'to another network, by the way there',
    'fw',
    [
      pre('ip daddr 10.0.2.2 ip daddr set 10.0.3.2'),
      post('ip saddr 10.0.3.2 ip daddr 10.0.1.2 ip saddr set 10.0.2.2'),
    ],
    tcp('red', '10.0.2.2', 80),
    'delivered at green',
    'delivered at red',
  ],
  [
    'once the way is chosen it stays',
    'fw',
    [chain('through', 'filter', 'forward', 0, 'ip daddr 10.0.2.2 ip daddr set 10.0.3.2')],
    tcp('red', '10.0.2.2', 80),
    'neighbour-unresolved at fw',
    'nothing',
  ],
  [
    'to fw itself',
    'fw',
    [pre('ip daddr 10.0.2.2 ip daddr set 10.0.1.1')],
    tcp('red', '10.0.2.2', 80),
    'refused at fw',
    'refused at red',
  ],
  [
    'another source, whose answers come elsewhere',
    'fw',
    [post('ip daddr 10.0.2.2 ip saddr set 10.0.3.2')],
    tcp('red', '10.0.2.2', 80),
    'delivered at blue',
    'refused at green',
  ],
  [
    'the sender’s own packet, by the old way',
    'red',
    [chain('out', 'filter', 'output', 0, 'ip daddr 10.0.1.1 tcp dport 80 ip daddr set 10.0.2.2')],
    tcp('red', '10.0.1.1', 80),
    'neighbour-unresolved at red',
    'nothing',
  ],
  [
    'the sender’s own packet, by a way of its own',
    'red',
    [chain('out', 'route', 'output', 0, 'ip daddr 10.0.1.1 tcp dport 80 ip daddr set 10.0.2.2')],
    tcp('red', '10.0.1.1', 80),
    'delivered at blue',
    'refused at red',
  ],
  [
    'where it is taken in',
    'blue',
    [
      chain('in', 'filter', 'input', 0, 'tcp dport 81 tcp dport set 80'),
      chain('out', 'filter', 'output', 0, 'tcp sport 80 tcp sport set 81'),
    ],
    tcp('red', '10.0.2.2', 81),
    'delivered at blue',
    'delivered at red',
  ],
  [
    'masquerading of what was rewritten before',
    'fw',
    [pre('tcp dport 8080 tcp dport set 80'), chain('nat', 'nat', 'postrouting', 100, 'masquerade')],
    tcp('red', '10.0.2.2', 8080),
    'delivered at blue',
    'refused at fw',
  ],
  [
    'NAT writes over what was rewritten',
    'fw',
    [
      pre('tcp dport 8080 ip daddr set 10.0.2.77'),
      chain('nat', 'nat', 'prerouting', 10, 'tcp dport 8080 dnat ip to 10.0.2.3:80'),
    ],
    tcp('red', '10.0.2.2', 8080),
    'delivered at blue',
    'delivered at red',
  ],
  ['hops to live', 'fw', [pre('ip ttl set 1')], tcp('red', '10.0.2.2', 80), 'ttl-expired at fw', 'nothing'],
  [
    'another question of ICMP, which nobody answers',
    'fw',
    [chain('through', 'filter', 'forward', 0, 'icmp type echo-request icmp type set info-request')],
    ping('red', '10.0.2.2'),
    'dropped at blue',
    'nothing',
  ],
  [
    'a rule sees the other question',
    'fw',
    [
      chain('through', 'filter', 'forward', 0, 'icmp type echo-request icmp type set info-request'),
      post('icmp type info-request drop'),
    ],
    ping('red', '10.0.2.2'),
    'dropped at fw',
    'nothing',
  ],
])('%s', async (_, where, chains, question, there, back) => {
  await net.run(where, 'nft -f -', `table ip t {\n${chains.join('\n')}\n}`);
  // That silence follows on a datagram is never sure.
  await (question.protocol === 'udp' ? agree : agreeForCertain)(question, there, back);
});

it.each<readonly [string, string, Question, string, string]>([
  [
    'an error tells of another port, which nobody has asked',
    'udp dport 7001 udp dport set 7002',
    udp('10.0.2.2', 7001),
    'refused at blue',
    'refused at red',
  ],
  [
    'conntrack has of it what it has become',
    'tcp dport 8080 tcp dport set 80',
    tcp('red', '10.0.2.2', 8080),
    'delivered at blue',
    'delivered at red',
  ],
])('where it comes in by a device: %s', async (_, rule, question, there, back) => {
  const known = chain(
    'through',
    'filter',
    'forward',
    0,
    'ct state invalid drop',
    'meta l4proto tcp ct original proto-dst 8080 drop',
  );
  const after = chain('last', 'filter', 'postrouting', 300, 'tcp sport 80 tcp sport set 8080');
  await net.run(
    'fw',
    'nft -f -',
    `table netdev d { chain in { type filter hook ingress device "in" priority 0;\n${rule}\n}\n}
     table ip t {\n${known}\n${after}\n}`,
  );
  await agree(question, there, back);
});

it('IPv6 has other words for the same', async () => {
  await net.run('fw', ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1']);
  await net.run('red', 'ip addr add fd01::2/64 dev eth0 nodad');
  await net.run('fw', 'ip addr add fd01::1/64 dev in nodad');
  await net.run('fw', 'ip addr add fd02::1/64 dev out nodad');
  await net.run('blue', 'ip addr add fd02::2/64 dev eth0 nodad');
  await net.run('red', 'ip -6 route add default via fd01::1');
  await net.run('blue', 'ip -6 route add default via fd02::1');
  await net.run(
    'fw',
    'nft -f -',
    `table inet t {
      ${pre('ip6 daddr fd02::9 ip6 daddr set fd02::2 ip6 hoplimit set 9 ip6 dscp set cs1')}
      ${post('ip6 daddr fd01::2 ip6 saddr set fd02::9')}
    }`,
  );
  await net.listen('blue', { protocol: 'tcp', port: 81, address: '::' });
  await agreeForCertain(tcp('red', 'fd02::9', 81), 'delivered at blue', 'delivered at red');
  expect(await net.run('fw', 'nft list table inet t')).toContain('ip6 saddr set');
});

it.each([ping('red', '10.9.9.9'), tcp('red', '10.9.9.9', 80)])(
  'an error that is rewritten to another address of the asker, who still hears of it: %o',
  async (question) => {
    await net.run('red', 'ip address add 10.0.1.3/24 dev eth0');
    const rules = raw('icmp type destination-unreachable ip daddr set 10.0.1.3');
    await net.run('red', 'nft -f -', `table ip rewriting {\n${rules}\n}`);
    await agreeForCertain(question, 'no-route at fw');
  },
);
