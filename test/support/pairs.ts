import { hasty } from './hasty.ts';
import type { TestNetwork } from './network.ts';

/** red – router – blue, with default routes, a server on blue's port 80: most faults need no more. */
export async function routedPair(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/rb 10.0.2.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -w net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

/** red and blue on a bridge of the host's, blue with a server on port 80. */
export async function bridgedPair(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.2/24', 'host/vr');
  await net.wire('blue/eth0 10.0.0.3/24', 'host/vb');
  await net.bridge('host/br0 10.0.0.1/24', 'vr', 'vb');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

/** red – router – blue, where the router's side of blue's network is a bridge with one port. */
export async function onlyPort(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/vb');
  await net.bridge('router/br0 10.0.2.1/24', 'vb');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -w net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

/** `routedPair` of IPv6 alone. */
export async function routedPair6(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 fd00:1::2/64', 'router/ra fd00:1::1/64');
  await net.wire('blue/eth0 fd00:2::2/64', 'router/rb fd00:2::1/64');
  await net.run('red', 'ip -6 route add default via fd00:1::1');
  await net.run('blue', 'ip -6 route add default via fd00:2::1');
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
}

/** `bridgedPair` of IPv6 alone; the bridge has no address. */
export async function bridgedPair6(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 fd00::2/64', 'host/vr');
  await net.wire('blue/eth0 fd00::3/64', 'host/vb');
  await net.bridge('host/br0', 'vr', 'vb');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
}

/** red – one – two – blue: each router knows the network behind the other, a server on blue's port 80. */
export async function twoRouters(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'one', 'two', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'one/left 10.0.1.1/24');
  await net.wire('one/right 10.0.12.1/24', 'two/left 10.0.12.2/24');
  await net.wire('two/right 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
  for (const router of ['one', 'two']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('one', 'ip route add 10.0.2.0/24 via 10.0.12.2');
  await net.run('two', 'ip route add 10.0.1.0/24 via 10.0.12.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

/** red – fw – blue, with default routes: fw's interfaces are `in` and `out`, a server on blue's port 80. */
export async function firewalledPair(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'fw', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'fw/in 10.0.1.1/24');
  await net.wire('fw/out 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('fw', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

/** red and blue on a bridge of the router's, which also leads to green; servers on port 80 of blue and green. All IPv6. */
export async function bridgeAndRouter6(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue', 'router', 'green');
  await Promise.all([
    net.wire('red/eth0 fd00:1::2/64', 'router/vr'),
    net.wire('blue/eth0 fd00:1::3/64', 'router/vb'),
    net.wire('green/eth0 fd00:2::2/64', 'router/g0 fd00:2::1/64'),
  ]);
  await net.bridge('router/br0 fd00:1::1/64', 'vr', 'vb');
  await net.run('red', 'ip -6 route add default via fd00:1::1');
  await net.run('blue', 'ip -6 route add default via fd00:1::1');
  await net.run('green', 'ip -6 route add default via fd00:2::1');
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('green', { protocol: 'tcp', port: 80, address: '::' });
  await hasty(net, 'red', 'blue', 'router', 'green');
}
