import { testCause } from '../../support/cause-case.ts';

for (const [name, add, remove] of [
  [
    'iptables',
    'iptables-nft -t nat -A POSTROUTING -s 10.0.1.0/24 -o up -j MASQUERADE',
    'iptables-nft -t nat -D POSTROUTING -s 10.0.1.0/24 -o up -j MASQUERADE',
  ],
] as const)
  testCause({
    fault: `the router masquerades for another network only (${name})`,
    healthy: async (net) => {
      await net.namespaces('red', 'router', 'server');
      await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
      await net.wire('router/up 203.0.113.1/24', 'server/eth0 203.0.113.9/24');
      await net.run('red', 'ip route add default via 10.0.1.1');
      await net.run('router', 'sysctl -w net.ipv4.ip_forward=1');
      await net.run('router', 'iptables-nft -t nat -A POSTROUTING -s 10.0.5.0/24 -o up -j MASQUERADE');
      await net.run('router', add);
      await net.listen('server', { protocol: 'tcp', port: 80 });
    },
    breakIt: async (net) => {
      await net.run('router', remove);
    },
    ask: { from: 'netns:red', to: 'netns:server', port: 80 },
    causes: ['missing-masquerade'],
    at: ['netns:router'],
  });
