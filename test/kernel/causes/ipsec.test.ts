import { disturb } from '../../support/hasty.ts';
import { testCause } from '../../support/cause-case.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

const web = { from: 'netns:red', to: '10.0.2.2:80' };
const policy = (text: string): string => `ip xfrm policy add ${text}`;

testCause({
  fault: 'the receiver blocks the sender’s address',
  healthy: bridgedPair,
  breakIt: (net) =>
    disturb(net, 'blue', [
      policy('dir in src 10.0.0.2/32 dst 10.0.0.3/32 action block'),
      policy('dir out src 10.0.0.3/32 dst 10.0.0.9/32 action block'),
    ]),
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['ipsec-blocks'],
  at: ['netns:blue'],
});

testCause({
  fault:
    'the sender itself may not speak to the service, by a policy of low priority with a wider exception behind it',
  healthy: bridgedPair,
  breakIt: (net) =>
    disturb(net, 'red', [
      policy('dir out src 0.0.0.0/0 dst 10.0.0.3/32 proto tcp dport 80 action block priority 10'),
      policy('dir out src 0.0.0.0/0 dst 10.0.0.0/24 action allow priority 20'),
    ]),
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['ipsec-blocks'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router blocks what it passes on',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'router', [policy('dir fwd src 10.0.1.0/24 dst 10.0.2.0/24 action block')]),
  ask: web,
  causes: ['ipsec-blocks'],
  at: ['netns:router'],
});

testCause({
  fault: 'a router blocks the answers as they leave',
  healthy: routedPair,
  breakIt: (net) =>
    disturb(net, 'router', [policy('dir out src 10.0.2.0/24 dst 10.0.1.0/24 action block priority 7')]),
  ask: web,
  causes: ['ipsec-blocks'],
  at: ['netns:router'],
});

testCause({
  fault: 'echo requests alone are blocked at the receiver',
  healthy: routedPair,
  breakIt: (net) =>
    disturb(net, 'blue', [policy('dir in src 0.0.0.0/0 dst 0.0.0.0/0 proto icmp action block priority 3')]),
  ask: { from: 'netns:red', to: '10.0.2.2' },
  causes: ['ipsec-blocks'],
  at: ['netns:blue'],
});

testCause({
  fault: 'nothing that no policy speaks of may come in',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'blue', ['ip xfrm policy setdefault in block']),
  ask: web,
  causes: ['ipsec-blocks'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the receiver wants what comes protected, and it comes as it is',
  healthy: routedPair,
  breakIt: (net) =>
    disturb(net, 'blue', [
      policy('dir in src 10.0.1.0/24 dst 10.0.2.0/24 priority 5 tmpl proto esp mode transport'),
    ]),
  ask: web,
  causes: ['ipsec-required'],
  at: ['netns:blue'],
});

testCause({
  fault: 'the sender has to protect what it sends, and has no association',
  healthy: routedPair,
  breakIt: (net) =>
    disturb(net, 'red', [
      policy('dir out src 10.0.1.0/24 dst 10.0.2.0/24 tmpl src 10.0.1.2 dst 10.0.2.2 proto esp mode tunnel'),
    ]),
  ask: web,
  causes: ['ipsec-required'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router would have to put it into a tunnel that nobody has made',
  healthy: routedPair,
  breakIt: (net) =>
    disturb(net, 'router', [
      policy(
        'dir out src 10.0.1.0/24 dst 10.0.2.0/24 priority 9 tmpl src 10.0.2.1 dst 10.0.2.9 proto esp reqid 4 mode tunnel',
      ),
    ]),
  ask: web,
  causes: ['ipsec-required'],
  at: ['netns:router'],
});
