import { testCause } from '../../support/cause-case.ts';
import { bridgedPair, bridgedPair6, routedPair, routedPair6 } from '../../support/pairs.ts';

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
  fault: 'an entry for everybody on the network, of an address that was its broadcast address a moment ago',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip address add 10.0.0.2/30 brd 10.0.0.3 dev eth0');
    await net.run('red', 'ip neighbour flush dev eth0');
    // The kernel makes the entry (arp_constructor()), and keeps it.
    await net.run('red', 'ping -b -c 1 -W 1 10.0.0.3').catch(() => 'Nobody answers.');
    await net.run('red', 'ip address del 10.0.0.2/30 dev eth0');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['stale-neighbour'],
  at: ['netns:red'],
});

testCause({
  fault: 'an entry of a group of machines, for a router',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip neighbour replace 10.0.1.1 lladdr 03:bf:0a:00:01:01 dev eth0 nud permanent');
  },
  ask: { from: 'netns:red', to: '10.0.2.2', protocol: 'icmp' },
  causes: ['stale-neighbour'],
  at: ['netns:red'],
});

testCause({
  fault: 'an entry for everybody, of IPv6',
  healthy: bridgedPair6,
  breakIt: async (net) => {
    await net.run('red', 'ip neighbour replace fd00::3 lladdr ff:ff:ff:ff:ff:ff dev eth0 nud permanent');
  },
  ask: { from: 'netns:red', to: '[fd00::3]:80' },
  causes: ['stale-neighbour'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router has a wrong hardware address of the asker’s, and answers its neighbour discovery in vain',
  healthy: routedPair6,
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
