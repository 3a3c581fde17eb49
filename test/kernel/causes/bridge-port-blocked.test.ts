import { disturb } from '../../support/hasty.ts';
import { testCause } from '../../support/cause-case.ts';
import { bridgedPair } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: '10.0.0.3:80' };

testCause({
  fault: 'both ports are isolated',
  healthy: bridgedPair,
  breakIt: (net) =>
    disturb(net, 'host', ['bridge link set dev vr isolated on', 'bridge link set dev vb isolated on']),
  ask,
  causes: ['bridge-port-blocked'],
  at: ['host'],
});

testCause({
  fault: 'the port towards the server is disabled',
  healthy: bridgedPair,
  breakIt: (net) => disturb(net, 'host', ['bridge link set dev vb state 0']),
  ask,
  causes: ['bridge-port-blocked'],
  at: ['host'],
});

testCause({
  fault: 'the sender’s own port is disabled',
  healthy: bridgedPair,
  breakIt: (net) => disturb(net, 'host', ['bridge link set dev vr state 0']),
  ask,
  causes: ['bridge-port-blocked'],
  at: ['host'],
});
