import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const PUBLISH = [
  'add table ip n',
  'add chain ip n pre { type nat hook prerouting priority -100; }',
  'add chain ip n post { type nat hook postrouting priority 100; }',
];

const nft = async (net: TestNetwork, lines: readonly string[]): Promise<void> =>
  void (await net.run('gate', 'nft -f -', `${lines.join('\n')}\n`));

/** red and blue in one network behind a gate, which publishes blue's services under its address outside. */
async function homeNetwork(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue', 'gate', 'provider');
  await net.wire('red/eth0 192.168.1.10/24', 'host/vr');
  await net.wire('blue/eth0 192.168.1.20/24', 'host/vb');
  await net.wire('gate/lan 192.168.1.1/24', 'host/vg');
  await net.bridge('host/br0', 'vr', 'vb', 'vg');
  await net.wire('gate/wan 203.0.113.2/24', 'provider/eth0 203.0.113.1/24');
  for (const name of ['red', 'blue']) await net.run(name, 'ip route add default via 192.168.1.1');
  await net.run('gate', 'sysctl -qw net.ipv4.ip_forward=1');
  await nft(net, [
    ...PUBLISH,
    'add rule ip n pre ip daddr 203.0.113.2 tcp dport 8080 dnat to 192.168.1.20:80',
    'add rule ip n pre ip daddr 203.0.113.2 udp dport 53 dnat to 192.168.1.20',
    'add rule ip n post oifname wan masquerade',
    'add rule ip n post ip saddr 192.168.1.0/24 ip daddr 192.168.1.20 masquerade',
  ]);
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'udp', port: 53 });
}

const withoutMasquerade = (net: TestNetwork): Promise<void> =>
  nft(net, ['flush chain ip n post', 'add rule ip n post oifname wan masquerade']);

testCause({
  fault: 'a neighbour of the service asks for the published port, and is answered directly',
  healthy: homeNetwork,
  breakIt: withoutMasquerade,
  ask: { from: 'netns:red', to: '203.0.113.2:8080' },
  causes: ['hairpin'],
  at: ['netns:gate'],
});

testCause({
  fault: 'the same with datagrams',
  healthy: homeNetwork,
  breakIt: withoutMasquerade,
  ask: { from: 'netns:red', to: '203.0.113.2:53', protocol: 'udp' },
  causes: ['hairpin'],
  at: ['netns:gate'],
});

/** red's network and blue's, with two routers between them: gate and other. */
async function twoRouters(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue', 'gate', 'other', 'left', 'right');
  await net.wire('red/eth0 10.1.0.10/24', 'left/p0');
  await net.wire('gate/left 10.1.0.1/24', 'left/p1');
  await net.wire('other/left 10.1.0.2/24', 'left/p2');
  await net.bridge('left/br0', 'p0', 'p1', 'p2');
  await net.wire('blue/eth0 10.2.0.10/24', 'right/p0');
  await net.wire('gate/right 10.2.0.1/24', 'right/p1');
  await net.wire('other/right 10.2.0.2/24', 'right/p2');
  await net.bridge('right/br0', 'p0', 'p1', 'p2');
  for (const name of ['gate', 'other']) await net.run(name, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('red', 'ip route add default via 10.1.0.1');
  await net.run('blue', 'ip route add default via 10.2.0.1');
  await nft(net, [...PUBLISH, 'add rule ip n pre ip daddr 10.1.0.1 tcp dport 8080 dnat to 10.2.0.10:80']);
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

testCause({
  fault: 'the answer goes back by another router than the one that translates',
  healthy: twoRouters,
  breakIt: async (net) => void (await net.run('blue', 'ip route replace default via 10.2.0.2')),
  ask: { from: 'netns:red', to: '10.1.0.1:8080' },
  causes: ['nat-bypassed'],
  at: ['netns:gate'],
});

for (const [fault, port] of [
  [
    'the answer goes back by a router that has not seen the request, and drops what belongs to no connection',
    'ct state invalid drop',
  ],
  ['the answer goes back by a router whose policy lets only connections that it knows through', null],
] as const)
  testCause({
    fault,
    healthy: twoRouters,
    breakIt: async (net) => {
      await net.run('blue', 'ip route replace default via 10.2.0.2');
      const policy = port === null ? 'drop' : 'accept';
      await net.run(
        'other',
        'nft -f -',
        [
          'add table ip f',
          `add chain ip f fw { type filter hook forward priority 0; policy ${policy}; }`,
          `add rule ip f fw ${port ?? 'ct state established,related accept'}`,
          '',
        ].join('\n'),
      );
    },
    ask: { from: 'netns:red', to: '10.2.0.10:80' },
    causes: [port === null ? 'policy-drop' : 'filter-drop'],
    at: ['netns:other'],
    narrow: 'tcp sport 80',
  });

/** red – gate – blue; gate gives what goes to blue an address of its own. */
const rewritten =
  (given: string) =>
  async (net: TestNetwork): Promise<void> => {
    await net.namespaces('red', 'gate', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'gate/left 10.0.1.1/24');
    await net.wire('blue/eth0 10.0.2.2/24', 'gate/right 10.0.2.1/24');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('gate', 'sysctl -qw net.ipv4.ip_forward=1');
    await nft(net, [...PUBLISH, `add rule ip n post oifname right snat to ${given}`]);
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  };

testCause({
  fault: 'the request gets a sender’s address that nobody has',
  healthy: rewritten('10.0.2.1'),
  breakIt: (net) => nft(net, ['flush chain ip n post', 'add rule ip n post oifname right snat to 10.0.2.50']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['snat-elsewhere'],
  at: ['netns:gate'],
});

testCause({
  fault: 'the request gets the address of another machine there',
  healthy: async (net) => {
    await rewritten('10.0.2.1')(net);
    await net.namespaces('green', 'switch');
    await net.run('blue', 'ip link set eth0 name old');
    await net.run('blue', 'ip address flush dev old');
    await net.run('gate', 'ip address flush dev right');
    await net.wire('blue/eth0 10.0.2.2/24', 'switch/p1');
    await net.wire('green/eth0 10.0.2.60/24', 'switch/p2');
    await net.wire('gate/side 10.0.2.1/24', 'switch/p3');
    await net.bridge('switch/br0', 'p1', 'p2', 'p3');
    await nft(net, ['flush chain ip n post', 'add rule ip n post oifname side snat to 10.0.2.1']);
  },
  breakIt: (net) => nft(net, ['flush chain ip n post', 'add rule ip n post oifname side snat to 10.0.2.60']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['snat-elsewhere'],
  at: ['netns:gate'],
});

for (const [who, at] of [
  ['the sender itself', 'red'],
  ['a router', 'router'],
] as const)
  testCause({
    fault: `${who} puts an address on the packet that nobody has, and that no route leads to`,
    healthy: routedPair,
    breakIt: async (net) => {
      await net.run('blue', 'ip route replace 10.0.1.0/24 via 10.0.2.1');
      await net.run('blue', 'ip route del default');
      await net.run(at, 'iptables -t nat -A POSTROUTING -p tcp --dport 80 -j SNAT --to-source 10.77.0.1');
    },
    ask: { from: 'netns:red', to: '10.0.2.2:80' },
    causes: ['snat-elsewhere'],
    at: [`netns:${at}`],
    forget: (net) => net.run(at, 'conntrack -F').then(() => undefined),
  });
