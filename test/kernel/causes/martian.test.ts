import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

testCause({
  fault: 'a rule sends a port on to 127.0.0.1, and the interface does not let the loopback’s addresses in',
  healthy: async (net) => {
    await routedPair(net);
    await net.listen('router', { protocol: 'tcp', port: 8080, address: '127.0.0.1' });
    await net.run('router', 'sysctl -qw net.ipv4.conf.ra.route_localnet=1');
    await net.run('router', 'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to 127.0.0.1:8080');
  },
  breakIt: (net) => disturb(net, 'router', ['sysctl -qw net.ipv4.conf.ra.route_localnet=0']),
  ask: { from: 'netns:red', to: '10.0.1.1:80' },
  causes: ['martian'],
  at: ['netns:router'],
});

testCause({
  fault: 'a port of localhost is sent on to another machine, and the loopback’s address may not leave',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('router', 'sysctl -qw net.ipv4.conf.rb.route_localnet=1');
    await net.run('router', 'iptables -t nat -A OUTPUT -p tcp --dport 8080 -j DNAT --to 10.0.2.2:80');
    await net.run(
      'router',
      'iptables -t nat -A POSTROUTING -o rb -m addrtype --src-type LOCAL -j MASQUERADE',
    );
  },
  breakIt: (net) => disturb(net, 'router', ['sysctl -qw net.ipv4.conf.rb.route_localnet=0']),
  ask: { from: 'netns:router', to: '127.0.0.1:8080' },
  causes: ['martian'],
  at: ['netns:router'],
});

testCause({
  fault: 'sender and receiver have one address, and the packet speaks from it',
  healthy: async (net) => {
    await routedPair(net);
    await net.run('blue', 'ip addr add 10.0.2.9/32 dev lo');
    await net.run('red', 'ip addr add 10.0.2.9/32 dev eth0');
  },
  breakIt: (net) => disturb(net, 'red', ['ip route replace default via 10.0.1.1 src 10.0.2.9']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['martian'],
  at: ['netns:blue'],
  narrow: 'ip route replace default via 10.0.1.1 dev eth0',
});

testCause({
  fault: 'the receiver’s loopback has the sender’s address',
  healthy: routedPair,
  breakIt: (net) => disturb(net, 'blue', ['ip addr add 10.0.1.2/32 dev lo']),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['martian'],
  at: ['netns:blue'],
  narrow: 'ip address del 10.0.1.2/32 dev lo',
});

testCause({
  fault: 'a second address of the receiver’s is the sender’s',
  healthy: bridgedPair,
  breakIt: (net) => disturb(net, 'blue', ['ip addr add 10.0.0.2/24 dev eth0']),
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['martian'],
  at: ['netns:blue'],
});
