import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { bridgedPair, onlyPort, routedPair, twoRouters } from '../../support/pairs.ts';

testCause({
  fault: 'the sender’s own interface, and with it every route it had',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip link set eth0 down');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['interface-down'],
  at: ['netns:red'],
});

testCause({
  fault: 'the destination’s interface',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('blue', 'ip link set eth0 down');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['interface-down'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the bridge',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'ip link set br0 down');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['interface-down'],
  at: ['host'],
});

testCause({
  fault: 'a port of the bridge',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'ip link set vb down');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  causes: ['interface-down'],
  at: ['host'],
});

testCause({
  fault: 'the router’s interface to the destination',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'ip link set rb down');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['interface-down'],
  at: ['netns:router'],
});

testCause({
  fault: 'the sender’s interface, whose default route was lost with it',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip link set eth0 down');
  },
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['interface-down', 'no-route'],
  at: ['netns:red', 'netns:red'],
});

testCause({
  fault: 'the only port of a router’s bridge: the bridge loses its carrier with it',
  healthy: onlyPort,
  breakIt: (net) => disturb(net, 'router', ['ip link set vb down']),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['interface-down'],
  at: ['netns:router'],
});

testCause({
  fault: 'the far end of the only wire of a router’s bridge',
  healthy: onlyPort,
  breakIt: (net) => disturb(net, 'blue', ['ip link set eth0 down']),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['interface-down', 'no-return-route'],
  at: ['netns:blue', 'netns:blue'],
});

testCause({
  fault: 'a router’s interface towards the next router: the route through it is gone too',
  healthy: twoRouters,
  breakIt: (net) => disturb(net, 'one', ['ip link set right down']),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['interface-down', 'no-route'],
  at: ['netns:one', 'netns:one'],
});

testCause({
  fault: 'an interface that has the name of a word of the command which brings it up (ip’s “a”, for address)',
  healthy: async (net) => {
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.0.2/24', 'blue/a 10.0.0.3/24');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: (net) => disturb(net, 'blue', ['ip link set dev a down']),
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['interface-down'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the gateway’s end of the wire, where the sender passes over routes without carrier',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('red', 'sysctl -qw net.ipv4.conf.eth0.ignore_routes_with_linkdown=1');
  },
  breakIt: (net) => disturb(net, 'router', ['ip link set ra down']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['interface-down'],
  at: ['netns:router'],
});
