import type { TestNetwork } from '../../support/network.ts';
import { testCause } from '../../support/cause-case.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';
import { forgetNeighbours } from '../../support/neighbours.ts';

const ask = { from: 'netns:red', to: '10.0.0.3:80' };

const forget = (net: TestNetwork): Promise<void> => forgetNeighbours(net, 'red', 'blue');

const load = (where: string, text: string) => async (net: TestNetwork) => {
  // nft wants each closing bracket on a line of its own.
  await net.run(where, 'nft -f -', text.replaceAll(/ }(?= }|$)/g, '\n}'));
  await forget(net);
};

testCause({
  fault: 'the owner throws the question away',
  healthy: bridgedPair,
  breakIt: load(
    'blue',
    `table arp guard {
      chain in { type filter hook input priority 0;
        arp operation reply accept
        iifname "eth0" arp operation request arp saddr ip 10.0.0.2 arp daddr ip 10.0.0.3 drop; } }`,
  ),
  ask,
  causes: ['arp-filtered'],
  at: ['netns:blue'],
  forget,
});

testCause({
  fault: 'the owner’s answer does not leave',
  healthy: bridgedPair,
  breakIt: load(
    'blue',
    'table arp guard { chain out { type filter hook output priority 0; arp operation reply arp daddr ether != 00:00:00:00:00:00 drop; } }',
  ),
  ask,
  causes: ['arp-filtered'],
  at: ['netns:blue'],
  forget,
});

testCause({
  fault: 'the asker does not let its own questions out',
  healthy: bridgedPair,
  breakIt: load(
    'red',
    'table arp guard { chain out { type filter hook output priority 0; arp operation request arp daddr ip 10.0.0.3 drop; } }',
  ),
  ask,
  causes: ['arp-filtered'],
  at: ['netns:red'],
  forget,
});

testCause({
  fault: 'the asker takes answers of few only, and others by its policy not',
  healthy: bridgedPair,
  breakIt: load(
    'red',
    'table arp guard { chain in { type filter hook input priority 0; policy drop; arp saddr ip { 10.0.0.1, 10.0.0.9 } accept; } }',
  ),
  ask,
  causes: ['arp-filtered'],
  at: ['netns:red'],
  forget,
});

testCause({
  fault: 'a bridge between them passes no questions on',
  healthy: bridgedPair,
  breakIt: load(
    'host',
    'table bridge guard { chain passing { type filter hook forward priority 0; ether type arp arp operation request drop; } }',
  ),
  ask,
  causes: ['arp-filtered'],
  at: ['host'],
  forget,
});

testCause({
  fault: 'rules of arptables at the router',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'arptables-nft -A INPUT -s 10.0.2.2 -i rb -j DROP');
    await forgetNeighbours(net, 'router', 'blue');
  },
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['arp-filtered'],
  at: ['netns:router'],
  forget: (net) => forgetNeighbours(net, 'router', 'blue'),
});
