import { disturb } from '../../support/hasty.ts';
import { testCause } from '../../support/cause-case.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

/** All of IPv4, by the classifier that the oldest kernels have. */
const words = (dev: string, side: string, preference: number): string =>
  `dev ${dev} ${side} protocol ip pref ${preference} u32 match u32 0 0`;

testCause({
  fault: 'the queue of the receiver takes nothing, not even the answers to questions for its address',
  healthy: bridgedPair,
  breakIt: (net) => disturb(net, 'blue', ['tc qdisc add dev eth0 root pfifo limit 0']),
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['traffic-control-drop'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a router throws away what leaves towards the server',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'router', ['tc qdisc add dev rb root handle 5: blackhole']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['traffic-control-drop'],
  at: ['netns:router'],
});

testCause({
  fault: 'only what nothing else is said of goes to the queue without room',
  healthy: routedPair,
  breakIt: (net) =>
    disturb(net, 'router', [
      'tc qdisc add dev rb root handle 1: htb default 10',
      'tc class add dev rb parent 1: classid 1:10 htb rate 1mbit',
      'tc class add dev rb parent 1: classid 1:20 htb rate 1mbit',
      'tc qdisc add dev rb parent 1:10 handle 10: pfifo limit 0',
      // ARP, and another port than the one that is asked for, have a way.
      'tc filter add dev rb parent 1: protocol arp prio 1 u32 match u32 0 0 flowid 1:20',
      'tc filter add dev rb parent 1: protocol ip prio 2 u32 match ip protocol 6 0xff match ip dport 443 0xffff flowid 1:20',
    ]),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['traffic-control-drop'],
  at: ['netns:router'],
});

for (const [side, dev, to] of [
  ['ingress', 'ra', 'egress redirect dev rx'],
  ['ingress', 'ra', 'egress redirect dev rb'],
  ['egress', 'rb', 'egress redirect dev rx'],
] as const)
  testCause({
    fault: `a filter redirects what ${side === 'ingress' ? 'comes in' : 'leaves'} (${to}), and it goes nowhere`,
    healthy: async (net) => {
      await routedPair(net);
      await net.namespaces('other');
      await net.wire('router/rx', 'other/eth0 10.0.3.1/24');
      await net.run('router', `tc qdisc add dev ${dev} clsact`);
      // A copy does no harm.
      await net.run('router', `tc filter add ${words(dev, side, 9)} action mirred egress mirror dev rx`);
    },
    breakIt: (net) => disturb(net, 'router', [`tc filter add ${words(dev, side, 1)} action mirred ${to}`]),
    ask: { from: 'netns:red', to: '10.0.2.2:80' },
    causes: ['traffic-control-drop'],
    at: ['netns:router'],
    certainty: 'likely',
    agrees: null,
    live: true,
  });
