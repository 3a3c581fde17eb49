import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

/** red asks the router's port 8080, which the router forwards to blue's port 80. */
async function published(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await net.run(
    'router',
    'iptables -t nat -A PREROUTING -d 10.0.1.1 -p tcp --dport 8080 -j DNAT --to-destination 10.0.2.2:80',
  );
}

testCause({
  fault: 'a published port is not translated',
  healthy: published,
  breakIt: async (net) =>
    void (await net.run('router', 'iptables -t raw -A PREROUTING -p tcp --dport 8080 -j CT --notrack')),
  ask: { from: 'netns:red', to: '10.0.1.1:8080' },
  causes: ['not-tracked'],
  at: ['netns:router'],
});

testCause({
  fault: 'nft, among rules that have nothing to do with it',
  healthy: async (net) => {
    await published(net);
    await net.run(
      'router',
      'nft -f -',
      `table inet spare {
         chain pre { type filter hook prerouting priority raw;
           udp dport 53 notrack
         }
       }`,
    );
  },
  breakIt: async (net) =>
    void (await net.run('router', ['nft', 'insert rule inet spare pre iifname ra tcp dport 1-9000 notrack'])),
  ask: { from: 'netns:red', to: '10.0.1.1:8080' },
  causes: ['not-tracked'],
  at: ['netns:router'],
});

testCause({
  fault: 'what leaves is not masqueraded, and its answer finds no way back',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('blue', 'ip route del default');
    await net.run('router', 'iptables -t nat -A POSTROUTING -o rb -j MASQUERADE');
  },
  breakIt: async (net) =>
    void (await net.run('router', 'iptables -t raw -A PREROUTING -s 10.0.1.0/24 -j CT --notrack')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['not-tracked'],
  at: ['netns:router'],
});

testCause({
  fault: 'a translation that is spared changes nothing: the rule at the other end is the cause',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'iptables -t nat -A POSTROUTING -o rb -j MASQUERADE');
    await net.run('router', 'iptables -t raw -A PREROUTING -s 10.0.1.0/24 -j CT --notrack');
  },
  breakIt: async (net) => void (await net.run('blue', 'iptables -A INPUT -p tcp --dport 80 -j DROP')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['filter-drop'],
  at: ['netns:blue'],
});
