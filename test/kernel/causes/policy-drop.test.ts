import { testCause } from '../../support/cause-case.ts';
import { routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'FORWARD drops what no rule accepts; answers pass',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'iptables-nft -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT');
    await net.run('router', 'iptables-nft -P FORWARD DROP');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['policy-drop'],
  at: ['netns:router'],
});

testCause({
  fault: 'FORWARD drops both ways: one policy, one cause',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'iptables-legacy -P FORWARD DROP');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['policy-drop'],
});

testCause({
  fault: 'a native nft chain in the destination',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run(
      'blue',
      'nft -f -',
      `table inet t {
         chain in {
           type filter hook input priority 0; policy drop;
           tcp dport 22 accept
         }
       }`,
    );
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['policy-drop'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a native nft chain of the router, both ways',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run(
      'router',
      'nft -f -',
      `table inet t {
         chain through {
           type filter hook forward priority 0; policy drop;
           tcp dport 22 accept
         }
       }`,
    );
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['policy-drop'],
  at: ['netns:router'],
});

testCause({
  fault: 'new connections are accepted, and nothing that belongs to one',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('blue', 'iptables -A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT');
    await net.run('blue', 'iptables -P INPUT DROP');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['policy-drop'],
  at: ['netns:blue'],
  narrow: '-s 10.0.1.2 -d 10.0.2.2 -p tcp --dport 80 -j ACCEPT',
});

testCause({
  fault: 'a router accepts new connections and answers, and nothing more of who asked',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run(
      'router',
      'nft -f -',
      `table ip t {
         chain through {
           type filter hook forward priority 0; policy drop;
           ct state new tcp dport 80 accept
           iifname "rb" ct state established accept
         }
       }`,
    );
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['policy-drop'],
  at: ['netns:router'],
});
