import type { TestNetwork } from '../../support/network.ts';

const enableForwarding = 'sysctl -qw net.ipv4.ip_forward=1';

/** red (10.1.0.2) — router — blue (10.2.0.2, a web server on 80), default routes through the router. */
export async function redRouterBlue(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.1.0.2/24', 'router/to-red 10.1.0.1/24');
  await net.wire('router/to-blue 10.2.0.1/24', 'blue/eth0 10.2.0.2/24');
  await net.run('router', enableForwarding);
  await net.run('red', 'ip route add default via 10.1.0.1');
  await net.run('blue', 'ip route add default via 10.2.0.1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

/** a — r1 — r2 — r3 — z in a line, 10.(i).0.0/24 between neighbours, static routes; z serves 8080. */
export async function chain(net: TestNetwork): Promise<void> {
  const nodes = ['a', 'r1', 'r2', 'r3', 'z'];
  await net.namespaces(...nodes);
  for (let i = 0; i + 1 < nodes.length; i += 1)
    await net.wire(`${nodes[i]}/right 10.${i + 1}.0.1/24`, `${nodes[i + 1]}/left 10.${i + 1}.0.2/24`);
  for (const router of ['r1', 'r2', 'r3']) await net.run(router, enableForwarding);
  await net.run('a', 'ip route add default via 10.1.0.2');
  await net.run('r1', 'ip route add default via 10.2.0.2');
  await net.run('r2', 'ip route add 10.4.0.0/24 via 10.3.0.2');
  await net.run('r2', 'ip route add 10.1.0.0/24 via 10.2.0.1');
  await net.run('r3', 'ip route add 10.0.0.0/8 via 10.3.0.1');
  await net.run('z', 'ip route add default via 10.4.0.1');
  await net.listen('z', { protocol: 'tcp', port: 8080 });
}

/** web, db, cache on the bridge br0 of `switch`; db serves 5432. */
export async function bridged(net: TestNetwork): Promise<void> {
  await net.namespaces('switch', 'web', 'db', 'cache');
  await net.wire('web/eth0 172.30.0.2/24', 'switch/v-web');
  await net.wire('db/eth0 172.30.0.3/24', 'switch/v-db');
  await net.wire('cache/eth0 172.30.0.4/24', 'switch/v-cache');
  await net.bridge('switch/br0 172.30.0.1/24', 'v-web', 'v-db', 'v-cache');
  await net.listen('db', { protocol: 'tcp', port: 5432 });
}

/** lan1 and lan2 (two private segments) — gw, which masquerades — server (203.0.113.9), which knows no private route. */
export async function natGateway(net: TestNetwork): Promise<void> {
  await net.namespaces('lan1', 'lan2', 'gw', 'server');
  await net.wire('lan1/eth0 192.168.1.10/24', 'gw/lan1 192.168.1.1/24');
  await net.wire('lan2/eth0 192.168.2.10/24', 'gw/lan2 192.168.2.1/24');
  await net.wire('gw/wan 203.0.113.1/24', 'server/eth0 203.0.113.9/24');
  await net.run('gw', enableForwarding);
  await net.run('lan1', 'ip route add default via 192.168.1.1');
  await net.run('lan2', 'ip route add default via 192.168.2.1');
  for (const lan of ['192.168.1.0/24', '192.168.2.0/24'])
    await net.run('gw', `iptables -t nat -A POSTROUTING -s ${lan} -o wan -j MASQUERADE`);
  await net.listen('server', { protocol: 'tcp', port: 443 });
}
