import { testCause } from '../../support/cause-case.ts';
import { routedPair } from '../../support/pairs.ts';

for (const answer of ['icmp-port-unreachable', 'icmp-admin-prohibited', 'tcp-reset'])
  testCause({
    fault: `with ${answer}`,
    healthy: routedPair,
    breakIt: async (net) => {
      await net.run('router', `iptables-nft -A FORWARD -p tcp --dport 80 -j REJECT --reject-with ${answer}`);
    },
    ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
    causes: ['filter-reject'],
    at: ['netns:router'],
  });

testCause({
  fault: 'by a native nft rule in the destination',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run(
      'blue',
      'nft -f -',
      `table ip t {
         chain in {
           type filter hook input priority 0;
           tcp dport 80 reject with tcp reset
         }
       }`,
    );
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['filter-reject'],
  at: ['netns:blue'],
});

testCause({
  fault: 'for both families, after a reset for IPv6 alone that nft lists in the same words',
  healthy: async (net) => {
    await routedPair(net);
    await net.run(
      'blue',
      'nft -f -',
      `table inet t {
         chain in {
           type filter hook input priority 0;
           meta nfproto ipv6 tcp dport 80 reject with tcp reset
         }
       }`,
    );
  },
  breakIt: async (net) =>
    void (await net.run('blue', 'nft add rule inet t in tcp dport 80 reject with tcp reset')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['filter-reject'],
  at: ['netns:blue'],
});

testCause({
  fault: 'what belongs to a connection is refused, once it is open',
  healthy: routedPair,
  breakIt: (net) =>
    net.run('blue', 'iptables -A INPUT -p tcp -m conntrack --ctstate ESTABLISHED -j REJECT').then(),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['filter-reject'],
  at: ['netns:blue'],
});
