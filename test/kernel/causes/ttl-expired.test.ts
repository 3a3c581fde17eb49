import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { routedPair, routedPair6 } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: '10.0.2.2:80' };

testCause({
  fault: 'packets are sent with one hop to live',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'red', ['sysctl -qw net.ipv4.ip_default_ttl=1']),
  ask,
  causes: ['ttl-expired'],
  at: ['netns:red'],
});

testCause({
  fault: 'answers are sent with one hop to live',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'blue', ['sysctl -qw net.ipv4.ip_default_ttl=1']),
  ask,
  causes: ['ttl-expired'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a rule takes the hops away',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'router', ['iptables -t mangle -A PREROUTING -i ra -j TTL --ttl-set 1']),
  ask,
  causes: ['ttl-expired'],
  at: ['netns:router'],
  certainty: 'likely',
});

testCause({
  fault: 'an interface gives IPv6 packets one hop to live',
  healthy: routedPair6,
  breakIt: (net) => disturb(net, 'red', ['sysctl -qw net.ipv6.conf.eth0.hop_limit=1']),
  ask: { from: 'netns:red', to: '[fd00:2::2]:80' },
  causes: ['ttl-expired'],
  at: ['netns:red'],
});

testCause({
  fault: 'the route itself says that packets live one hop',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('red', 'ip route replace default via 10.0.1.1 hoplimit 1')),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['ttl-expired'],
  at: ['netns:red'],
});
