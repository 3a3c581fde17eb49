import { testCause } from '../../support/cause-case.ts';
import { routedPair } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: 'netns:blue', port: 80 };

testCause({
  fault: 'the sender’s own rule prohibits it',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('red', 'ip rule add pref 5 to 10.0.2.0/24 prohibit')),
  ask,
  causes: ['policy-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'a router discards what comes in by one interface',
  healthy: routedPair,
  breakIt: async (net) =>
    void (await net.run('router', 'ip rule add pref 7 from 10.0.1.0/24 iif ra blackhole')),
  ask,
  causes: ['policy-route'],
  at: ['netns:router'],
});

testCause({
  fault: 'the answer is refused, and so is all that is not for one network',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('blue', 'ip rule add pref 7 not to 10.9.0.0/16 unreachable')),
  ask,
  causes: ['policy-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a rule leads to a table whose only route refuses',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'ip route add prohibit default table 77');
    await net.run('router', 'ip rule add pref 9 to 10.0.1.0/24 lookup 77');
  },
  ask,
  causes: ['blackhole-route'],
  at: ['netns:router'],
});

testCause({
  fault: 'a rule leads to a table whose default route keeps everything at home',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip route add default dev lo table 77');
    await net.run('red', 'ip rule add pref 9 to 10.0.2.0/24 lookup 77');
  },
  ask,
  causes: ['policy-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'the answer goes by a mark to a table that leads nowhere',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'ip link add dead type bridge');
    await net.run('router', 'ip link set dead up');
  },
  breakIt: async (net) => {
    await net.run('router', 'iptables -t mangle -A PREROUTING -i rb -j MARK --set-mark 7');
    await net.run('router', 'ip route add default dev dead table 70');
    await net.run('router', 'ip rule add pref 9 fwmark 7 lookup 70');
  },
  ask,
  causes: ['policy-route'],
  at: ['netns:router'],
});

testCause({
  fault: 'the gateway of a table that a mark leads to is not there',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('router', 'iptables -t mangle -A PREROUTING -p tcp --dport 80 -j MARK --set-mark 7');
    await net.run('router', 'ip route add default via 10.0.1.99 dev ra table 70');
    await net.run('router', 'ip rule add pref 9 fwmark 7 lookup 70');
  },
  ask,
  causes: ['gateway-unreachable'],
  at: ['netns:router'],
});

testCause({
  fault: 'no rule leads to the table of the server’s own addresses',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('blue', 'ip rule del pref 0')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['policy-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'a rule before that of the own addresses sends out what is for the loopback',
  healthy: async (net) => {
    await routedPair(net);
    await net.listen('red', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('red', 'ip route add default via 10.0.1.1 table 70');
    await net.run('red', 'ip rule add pref 100 lookup 70');
    await net.run('red', 'ip rule add pref 200 lookup local');
    await net.run('red', 'ip rule del pref 0');
  },
  ask: { from: 'netns:red', to: '127.0.0.1:80' },
  causes: ['policy-route'],
  at: ['netns:red'],
});

testCause({
  fault:
    'a rule jumps to one that refuses: once that is gone, the jump leads nowhere, and the next one is asked',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.run('red', 'ip rule add pref 30 prohibit');
    await net.run('red', 'ip rule add pref 5 to 10.0.2.0/24 goto 30');
    await net.run('red', 'ip rule add pref 10 to 10.0.2.0/24 blackhole');
  },
  ask,
  causes: ['policy-route', 'policy-route'],
  at: ['netns:red', 'netns:red'],
});
