import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { bridgedPair, onlyPort } from '../../support/pairs.ts';

testCause({
  fault: 'the wire to the destination',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'ip link set vb nomaster');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['not-attached-to-bridge'],
  at: ['host'],
});

testCause({
  fault: 'the sender’s own wire',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'ip link set vr nomaster');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['not-attached-to-bridge'],
});

testCause({
  fault: 'the wire to the destination, asked for by the machine with the bridge',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'ip link set vb nomaster');
  },
  ask: { from: 'host', to: '10.0.0.3:80' },
  causes: ['not-attached-to-bridge'],
});

testCause({
  fault: 'the only port of a router’s bridge: the bridge loses its carrier with it',
  healthy: onlyPort,
  breakIt: (net) => disturb(net, 'router', ['ip link set vb nomaster']),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['not-attached-to-bridge'],
  at: ['netns:router'],
});
