import { testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: '10.0.2.2:80' };

/** Besides: red is on the network of a VPN's machine that knows nothing of blue, and forwards. */
async function withVpn(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await net.namespaces('vpn');
  await net.wire('red/tun0 10.8.0.2/24', 'vpn/eth0 10.8.0.1/24');
  await net.run('vpn', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('vpn', 'ip route add 10.0.1.0/24 via 10.8.0.2');
}

testCause({
  fault: 'a VPN takes a part of the network through its own gateway',
  healthy: withVpn,
  breakIt: (net) => disturb(net, 'red', ['ip route add 10.0.2.0/25 via 10.8.0.1']),
  ask,
  causes: ['more-specific-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'a route that was left behind says that the network is on the wire',
  healthy: withVpn,
  breakIt: (net) => disturb(net, 'red', ['ip route add 10.0.2.0/24 dev tun0 scope link']),
  ask,
  causes: ['more-specific-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'of the answer, in the server',
  healthy: async (net) => {
    await routedPair(net);
    await net.namespaces('vpn');
    await net.wire('blue/tun0 10.8.0.2/24', 'vpn/eth0 10.8.0.1/24');
    await net.run('vpn', 'sysctl -qw net.ipv4.ip_forward=1');
  },
  breakIt: (net) => disturb(net, 'blue', ['ip route add 10.0.1.0/24 via 10.8.0.1']),
  ask,
  causes: ['more-specific-route'],
  at: ['netns:blue'],
});

testCause({
  fault: 'by IPv6',
  healthy: async (net) => {
    await net.namespaces('red', 'router', 'blue', 'vpn');
    await net.wire('red/eth0 fd00:1::2/64', 'router/ra fd00:1::1/64');
    await net.wire('blue/eth0 fd00:2::2/64', 'router/rb fd00:2::1/64');
    await net.wire('red/tun0 fd00:8::2/64', 'vpn/eth0 fd00:8::1/64');
    await net.run('red', 'ip route add default via fd00:1::1');
    await net.run('blue', 'ip route add default via fd00:2::1');
    for (const router of ['router', 'vpn'])
      await net.run(router, 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  },
  breakIt: (net) => disturb(net, 'red', ['ip route add fd00:2::/64 via fd00:8::1']),
  ask: { from: 'netns:red', to: '[fd00:2::2]:80' },
  causes: ['more-specific-route'],
  at: ['netns:red'],
});

testCause({
  fault: 'a left-over route leads the answer where a rule of the router drops it: the rule is right',
  healthy: async (net) => {
    await routedPair(net);
    await net.namespaces('guests');
    await net.wire('router/tog 10.0.9.1/24', 'guests/eth0 10.0.9.2/24');
    await net.run('router', 'iptables -A FORWARD -o tog ! -s 10.0.9.0/24 -j DROP');
  },
  breakIt: (net) => disturb(net, 'router', ['ip route add 10.0.1.2/32 dev tog']),
  ask,
  causes: ['more-specific-route'],
  at: ['netns:router'],
});

testCause({
  fault: 'a route by the loopback interface gives to the sender itself what is for others',
  healthy: routedPair,
  breakIt: async (net) => void (await net.run('red', 'ip route add 10.0.2.0/24 dev lo')),
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['more-specific-route'],
  at: ['netns:red'],
});
