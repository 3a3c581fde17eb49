import { expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';
import { forgetNeighbours } from '../../support/neighbours.ts';

const throughTheRouter = { from: 'netns:red', to: '10.0.2.2:80' };

/** What everybody knew of their neighbours is forgotten with it. */
const silence = async (net: TestNetwork, where: string, command: string): Promise<void> => {
  await disturb(net, where, [command]);
  await forgetNeighbours(net, 'red', 'router', 'blue');
};

testCause({
  fault: 'the owner has ARP switched off',
  healthy: routedPair,
  breakIt: (net) => silence(net, 'blue', 'ip link set eth0 arp off'),
  ask: throughTheRouter,
  causes: ['neighbour-unresolved'],
  at: ['netns:router'],
});

testCause({
  fault: 'the gateway has ARP switched off',
  healthy: routedPair,
  breakIt: (net) => silence(net, 'router', 'ip link set ra arp off'),
  ask: throughTheRouter,
  causes: ['gateway-unreachable'],
  at: ['netns:red'],
  forget: (net) => forgetNeighbours(net, 'red'),
});

testCause({
  fault: 'the sender itself has ARP switched off',
  healthy: routedPair,
  breakIt: (net) => silence(net, 'red', 'ip link set eth0 arp off'),
  ask: throughTheRouter,
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
});

testCause({
  fault: 'the router has ARP switched off towards the asker, who knows it from before',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ping -c 1 -W 1 10.0.1.1');
    await net.run('router', 'ip link set ra arp off');
  },
  ask: throughTheRouter,
  causes: ['neighbour-unresolved'],
  at: ['netns:router'],
});

testCause({
  fault: 'the sender has ARP switched off, and a bridge takes its frames',
  healthy: bridgedPair,
  breakIt: (net) => disturb(net, 'red', ['ip link set eth0 arp off']),
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
});

testCause({
  fault: 'the owner ignores ARP, as a real server behind LVS is told to',
  healthy: routedPair,
  breakIt: (net) => silence(net, 'blue', 'sysctl -qw net.ipv4.conf.all.arp_ignore=8'),
  ask: throughTheRouter,
  causes: ['neighbour-unresolved'],
  at: ['netns:router'],
  forget: (net) => forgetNeighbours(net, 'router', 'blue'),
});

/** Pods with single addresses and a gateway that nobody has, as Calico makes them; the node speaks for it. */
const calico = async (net: TestNetwork): Promise<void> => {
  await net.namespaces('pod1', 'pod2', 'node', 'beyond');
  for (const n of [1, 2]) {
    await net.wire(`pod${n}/eth0 192.168.100.${n}/32`, `node/cali${n}`);
    await net.run(`pod${n}`, 'ip route add 169.254.1.1 dev eth0 scope link');
    await net.run(`pod${n}`, 'ip route add default via 169.254.1.1');
    await net.run('node', `ip route add 192.168.100.${n} dev cali${n} scope link`);
    await net.run(
      'node',
      `sysctl -qw net.ipv4.conf.cali${n}.proxy_arp=1 net.ipv4.neigh.cali${n}.proxy_delay=0`,
    );
  }
  await net.wire('node/up 10.0.0.1/24', 'beyond/eth0 10.0.0.2/24');
  await net.run('node', 'ip route add default via 10.0.0.2');
  await net.run('node', 'ip route add blackhole 192.168.100.0/26 proto 80');
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('pod2', { protocol: 'tcp', port: 80 });
};

const podToPod = { from: 'netns:pod1', to: '192.168.100.2:80' };

testCause({
  fault: 'the node no longer speaks for the gateway of its pods (proxy_arp)',
  healthy: calico,
  breakIt: async (net) => {
    await disturb(net, 'node', ['sysctl -qw net.ipv4.conf.cali1.proxy_arp=0']);
    await forgetNeighbours(net, 'pod1');
  },
  ask: podToPod,
  causes: ['gateway-unreachable'],
  at: ['netns:pod1'],
  forget: (net) => forgetNeighbours(net, 'pod1'),
});

testCause({
  fault: 'the route to one pod is gone, and the blackhole of its range is left',
  healthy: calico,
  breakIt: (net) => disturb(net, 'node', ['ip route del 192.168.100.2 dev cali2']),
  ask: podToPod,
  causes: ['blackhole-route'],
  at: ['netns:node'],
});

test('a node that speaks for others, and has no default route, cannot speak for a gateway that nobody has', async () => {
  await using net = await buildNetwork();
  await calico(net);
  await disturb(net, 'node', ['ip route del default']);
  await forgetNeighbours(net, 'pod1');
  const answer = await ask(podToPod);
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  expect(answer.causes.map(({ id, summary }) => [id, summary])).toEqual([
    [
      'gateway-unreachable',
      'Nobody on eth0 answers for the gateway 169.254.1.1 of netns:pod1: netns:node speaks for others on cali1 (proxy_arp) only where it has a route to them, and it has none to 169.254.1.1',
    ],
  ]);
});

testCause({
  fault: 'the owner has the address on another interface, and answers for those of the asked one only',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'ip address add 10.0.1.50/32 dev rb');
    await net.listen('router', { protocol: 'tcp', port: 81 });
  },
  breakIt: (net) => silence(net, 'router', 'sysctl -qw net.ipv4.conf.all.arp_ignore=1'),
  ask: { from: 'netns:red', to: '10.0.1.50:81' },
  causes: ['neighbour-unresolved'],
  at: ['netns:red'],
  forget: (net) => forgetNeighbours(net, 'red'),
});
