import { hasty } from '../hasty.ts';
import type { TestNetwork } from '../network.ts';
import type { DockerNetwork } from './docker.ts';

const dual = (v4: string, v6: string): string => `${v4}/24 ${v6}/64`;

/**
 * `node` routes between its neighbour `outside`, the bridge br-a with `web` and `app`, and the bridge br-b with `db`; the neighbour
 * has routes to both. All have servers: 80 in br-a, 5432 in br-b, 22 on the node, 443 outside.
 */
export async function buildStage(net: TestNetwork): Promise<void> {
  await net.namespaces('node', 'outside', 'web', 'app', 'db');
  await net.wire(
    `outside/eth0 ${dual('192.168.7.2', 'fd07::2')}`,
    `node/eth0 ${dual('192.168.7.1', 'fd07::1')}`,
  );
  await net.wire(`web/eth0 ${dual('172.18.0.2', 'fd18::2')}`, 'node/vweb');
  await net.wire(`app/eth0 ${dual('172.18.0.3', 'fd18::3')}`, 'node/vapp');
  await net.wire(`db/eth0 ${dual('172.19.0.2', 'fd19::2')}`, 'node/vdb');
  await net.bridge(`node/br-a ${dual('172.18.0.1', 'fd18::1')}`, 'vweb', 'vapp');
  await net.bridge(`node/br-b ${dual('172.19.0.1', 'fd19::1')}`, 'vdb');
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  for (const name of ['web', 'app', 'db']) {
    const at = name === 'db' ? 19 : 18;
    await net.run(name, `ip route add default via 172.${at}.0.1`);
    await net.run(name, `ip route add default via fd${at}::1`);
  }
  await net.run('outside', 'ip route add 172.18.0.0/15 via 192.168.7.1');
  await net.run('outside', 'ip route add fd18::/15 via fd07::1');
  await net.listen('web', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('web', { protocol: 'udp', port: 53, address: '::' });
  await net.listen('app', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('db', { protocol: 'tcp', port: 5432, address: '::' });
  await net.listen('node', { protocol: 'tcp', port: 22, address: '::' });
  await net.listen('outside', { protocol: 'tcp', port: 443, address: '::' });
  await hasty(net, 'node', 'outside', 'web', 'app', 'db');
}

/** The two bridges as networks of a Docker engine: web's port 80 is published everywhere and on localhost, db's on one address. */
export const dockerNetworks = (
  family: 4 | 6,
  first: Partial<DockerNetwork> = {},
  second: Partial<DockerNetwork> = {},
): readonly DockerNetwork[] => {
  const four = family === 4;
  const web = { address: four ? '172.18.0.2' : 'fd18::2', port: 80 };
  const db = { address: four ? '172.19.0.2' : 'fd19::2', port: 5432 };
  return [
    {
      bridge: 'br-a',
      subnet: four ? '172.18.0.0/24' : 'fd18::/64',
      mode: 'nat',
      published: [
        { ...web, hostPort: 8080 },
        ...(four ? [{ ...web, hostPort: 8081, hostAddress: '127.0.0.1' }] : []),
      ],
      ...first,
    },
    {
      bridge: 'br-b',
      subnet: four ? '172.19.0.0/24' : 'fd19::/64',
      mode: 'nat',
      published: [{ ...db, hostPort: 5432, hostAddress: four ? '192.168.7.1' : 'fd07::1' }],
      ...second,
    },
  ];
};
