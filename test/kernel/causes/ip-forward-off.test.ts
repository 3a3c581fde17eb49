import { testCause } from '../../support/cause-case.ts';
import { routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'the router does not forward at all',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'sysctl -w net.ipv4.ip_forward=0');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['ip-forward-off'],
  at: ['netns:router'],
});

testCause({
  fault: 'only the interface where the packet arrives was left out',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'sysctl -w net.ipv4.conf.ra.forwarding=0');
  },
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['ip-forward-off'],
});
