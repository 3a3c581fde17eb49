import { bridgedPair, testCause } from '../../support/cause-case.ts';

testCause({
  fault: 'a permanent entry with the hardware address of a machine that is gone',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip neighbour replace 10.0.0.3 lladdr 02:00:00:00:aa:aa dev eth0 nud permanent');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['stale-neighbour'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router has a wrong hardware address of the asker’s, and answers its neighbour discovery in vain',
  healthy: async (net) => {
    await net.namespaces('red', 'router', 'blue');
    await net.wire('red/eth0 fd00:1::2/64', 'router/ra fd00:1::1/64');
    await net.wire('blue/eth0 fd00:2::2/64', 'router/rb fd00:2::1/64');
    await net.run('red', 'ip route add default via fd00:1::1');
    await net.run('blue', 'ip route add default via fd00:2::1');
    await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  },
  breakIt: async (net) => {
    await net.run('router', 'ip neigh replace fd00:1::2 lladdr 02:00:00:00:00:99 dev ra nud permanent');
    await net.run('red', 'ip neigh flush dev eth0');
  },
  ask: { from: 'netns:red', to: '[fd00:2::2]:80' },
  causes: ['stale-neighbour'],
  at: ['netns:router'],
  forget: async (net) => {
    await net.run('red', 'ip neigh flush dev eth0');
  },
});
