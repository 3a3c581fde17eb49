import { hasty } from '../hasty.ts';
import type { TestNetwork } from '../network.ts';

const PODS = { web: '10.65.0.2', app: '10.65.0.3', db: '10.65.0.4' } as const;

/**
 * A node with pods as Calico wires them: each has one address, and asks for everything at 169.254.1.1, for which the node's end of
 * the pair answers. `outside` is the node's neighbour.
 */
export async function buildPods(net: TestNetwork): Promise<void> {
  await net.namespaces('node', 'outside', ...Object.keys(PODS));
  await net.wire('outside/eth0 192.168.7.2/24', 'node/eth0 192.168.7.1/24');
  for (const [name, address] of Object.entries(PODS)) {
    await net.wire(`${name}/eth0 ${address}/32`, `node/cali${name}`);
    await net.run(name, 'ip route add 169.254.1.1 dev eth0 scope link');
    await net.run(name, 'ip route add default via 169.254.1.1');
    await net.run('node', `ip route add ${address} dev cali${name} scope link`);
    await net.run('node', `sysctl -qw net.ipv4.conf.cali${name}.proxy_arp=1`);
    await net.listen(name, { protocol: 'tcp', port: name === 'db' ? 5432 : 80 });
  }
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1');
  await net.run('node', 'ip route add default via 192.168.7.2');
  await net.run('outside', 'ip route add 10.65.0.0/24 via 192.168.7.1');
  await net.listen('node', { protocol: 'tcp', port: 22 });
  await net.listen('outside', { protocol: 'tcp', port: 443 });
  await hasty(net, 'node', 'outside', ...Object.keys(PODS));
}
