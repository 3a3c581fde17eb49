import { hasty, settled } from '../hasty.ts';
import type { TestNetwork } from '../network.ts';
import type { DrawnNetwork } from './draw-network.ts';

/** What answers a question that is over would teach others the neighbours of this node. */
const SAID_ONCE = 'net.ipv4.tcp_synack_retries=0';

/** Builds a drawn network for real. */
export async function makeNetwork(net: TestNetwork, drawn: DrawnNetwork): Promise<void> {
  const { routers, leaves, switches, wires, segments, setups, listeners } = drawn;
  const nodes = [...routers, ...leaves, ...switches];
  await net.namespaces(...nodes);
  const pairs = wires.map(
    ({ a, b }) => `link add name ${a.dev} netns ${a.node} type veth peer name ${b.dev} netns ${b.node}`,
  );
  await net.run('host', 'ip -batch -', pairs.join('\n'));
  await Promise.all(
    nodes.map((node) => {
      const bridges = segments.flatMap(({ bridge }) => (bridge?.node === node ? [bridge.dev] : []));
      const devices = wires.flatMap(({ a, b }) => [a, b].filter((end) => end.node === node));
      const lines = [
        ...bridges.map((dev) => `link add name ${dev} type bridge`),
        ...devices.flatMap(({ dev }) =>
          dev.startsWith('p') ? [`link set dev ${dev} master br${/^p(\d+)[rh]/.exec(dev)?.[1] ?? ''}`] : [],
        ),
        ...segments.flatMap(({ ports }) =>
          ports.flatMap((port) =>
            port.node === node
              ? [
                  drawn.family === 4
                    ? `addr add ${port.address}/${port.length} brd + dev ${port.dev}`
                    : `addr add ${port.address}/${port.length} dev ${port.dev} nodad`,
                ]
              : [],
          ),
        ),
        ...[...bridges, ...devices.map(({ dev }) => dev)].map((dev) => `link set dev ${dev} up`),
      ];
      return net.run(node, 'ip -batch -', lines.join('\n'));
    }),
  );
  await hasty(net, ...nodes);
  await settled(net);
  await Promise.all(
    setups.map(async ({ node, ip, sysctls, rules }) => {
      await net.run(node, ['sysctl', '-qw', SAID_ONCE, ...sysctls]);
      if (ip.length > 0) await net.run(node, `ip -${drawn.family} -batch -`, [...new Set(ip)].join('\n'));
      for (const { argv, input } of rules) await net.run(node, argv, input);
    }),
  );
  await Promise.all(
    listeners.map(({ node, protocol, port }) =>
      net.listen(node, { protocol, port, ...(drawn.family === 6 ? { address: '::' } : {}) }),
    ),
  );
}
