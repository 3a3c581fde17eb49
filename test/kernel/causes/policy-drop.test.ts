import { routedPair, testCause } from '../../support/cause-case.ts';

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
