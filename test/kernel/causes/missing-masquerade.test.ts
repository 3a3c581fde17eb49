import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

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

testCause({
  fault: 'two routers away, in native nft: the provider’s router does not know the private network',
  healthy: async (net) => {
    await net.namespaces('red', 'home', 'provider', 'server');
    await net.wire('red/eth0 192.168.7.2/24', 'home/lan 192.168.7.1/24');
    await net.wire('home/wan 203.0.113.2/30', 'provider/down 203.0.113.1/30');
    await net.wire('provider/up 198.51.100.1/24', 'server/eth0 198.51.100.9/24');
    for (const router of ['home', 'provider']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
    await net.run('red', 'ip route add default via 192.168.7.1');
    await net.run('home', 'ip route add default via 203.0.113.1');
    await net.run('server', 'ip route add default via 198.51.100.1');
    await net.run(
      'home',
      'nft -f -',
      `table ip shield {
         chain post {
           type nat hook postrouting priority srcnat;
           ip saddr 192.168.8.0/24 oifname wan masquerade
           ip saddr 192.168.7.0/24 oifname wan masquerade
         }
       }`,
    );
    await net.listen('server', { protocol: 'tcp', port: 443 });
  },
  breakIt: async (net) => {
    const listing = await net.run('home', 'nft -a list chain ip shield post');
    const handle = /192\.168\.7\.0.*# handle (\d+)/.exec(listing)?.[1] ?? '';
    await net.run('home', `nft delete rule ip shield post handle ${handle}`);
  },
  ask: { from: 'netns:red', to: '198.51.100.9:443' },
  causes: ['missing-masquerade'],
  at: ['netns:home'],
});

/** A bridge behind the router, as engines make them: blue stands on it. */
const behindBridge =
  (...rules: readonly string[]) =>
  async (net: TestNetwork): Promise<void> => {
    await net.namespaces('red', 'router', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
    await net.wire('blue/eth0 10.0.2.2/24', 'router/vb');
    await net.bridge('router/br0 10.0.2.1/24', 'vb');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('blue', 'ip route add default via 10.0.2.1');
    await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
    for (const rule of rules)
      await net.run('router', `iptables-nft -t nat -A POSTROUTING ${rule} -j MASQUERADE`);
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  };

testCause({
  fault: 'the router masquerades only what leaves elsewhere: it is the route back that is missing',
  healthy: behindBridge('-s 10.0.2.0/24 ! -o br0'),
  breakIt: async (net) => void (await net.run('blue', 'ip route del default')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['no-return-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a packet that leaves by a bridge is masqueraded there, and not at the bridge’s port',
  healthy: behindBridge('-s 10.0.5.0/24 -o br0'),
  breakIt: async (net) => void (await net.run('blue', 'ip route del default')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['missing-masquerade'],
  at: ['netns:router'],
});

testCause({
  fault: 'a port of localhost is sent on to another machine, which takes nothing that comes from 127.0.0.1',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'sysctl -qw net.ipv4.conf.rb.route_localnet=1');
    await net.run('router', 'iptables -t nat -A OUTPUT -p tcp --dport 8080 -j DNAT --to 10.0.2.2:80');
    await net.run(
      'router',
      'iptables -t nat -A POSTROUTING -o rb -m addrtype --src-type LOCAL -j MASQUERADE',
    );
  },
  breakIt: (net) => disturb(net, 'router', ['iptables -t nat -F POSTROUTING']),
  ask: { from: 'netns:router', to: '127.0.0.1:8080' },
  causes: ['missing-masquerade'],
  at: ['netns:router'],
});
