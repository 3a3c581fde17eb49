import { hasty } from './hasty.ts';
import { macOf, type TestNetwork } from './network.ts';

/**
 * Two nodes with a router between them, and a container in each: flannel's way. A tunnel that learns nothing, with a fixed
 * neighbour and a fixed entry for each other node, and a route to its containers.
 */
export async function flannel(net: TestNetwork): Promise<void> {
  await net.namespaces('router', 'n1', 'n2', 'c1', 'c2');
  await net.wire('n1/eth0 10.1.0.2/24', 'router/r1 10.1.0.1/24');
  await net.wire('n2/eth0 10.2.0.2/24', 'router/r2 10.2.0.1/24');
  for (const node of ['router', 'n1', 'n2']) await net.run(node, 'sysctl -qw net.ipv4.ip_forward=1');
  for (const n of [1, 2]) {
    await net.run(`n${n}`, `ip route add default via 10.${n}.0.1`);
    await net.run(
      `n${n}`,
      `ip link add flannel.1 type vxlan id 1 local 10.${n}.0.2 dev eth0 dstport 8472 nolearning`,
    );
    await net.run(`n${n}`, `ip address add 10.244.${n}.0/32 dev flannel.1`);
    await net.run(`n${n}`, 'ip link set flannel.1 up');
    await net.wire(`c${n}/eth0 10.244.${n}.2/24`, `n${n}/cni0 10.244.${n}.1/24`);
    await net.run(`c${n}`, `ip route add default via 10.244.${n}.1`);
    await net.listen(`c${n}`, { protocol: 'tcp', port: 80 });
  }
  for (const [n, m] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const mac = await macOf(net, `n${m}`, 'flannel.1');
    await net.run(`n${n}`, `bridge fdb append ${mac} dev flannel.1 dst 10.${m}.0.2`);
    await net.run(`n${n}`, `ip neighbour add 10.244.${m}.0 lladdr ${mac} dev flannel.1 nud permanent`);
    await net.run(`n${n}`, `ip route add 10.244.${m}.0/24 via 10.244.${m}.0 dev flannel.1 onlink`);
  }
  await hasty(net, 'router', 'n1', 'n2', 'c1', 'c2');
}

/** Two nodes on one wire with a learning tunnel between them, a server on the second. */
export async function tunnelled(net: TestNetwork): Promise<void> {
  await net.namespaces('n1', 'n2');
  await net.wire('n1/eth0 10.1.0.1/24', 'n2/eth0 10.1.0.2/24');
  for (const [n, m] of [
    [1, 2],
    [2, 1],
  ] as const) {
    await net.run(`n${n}`, `ip link add vx0 type vxlan id 42 dstport 4789 remote 10.1.0.${m}`);
    await net.run(`n${n}`, `ip address add 10.9.0.${n}/24 dev vx0`);
    await net.run(`n${n}`, 'ip link set vx0 up');
  }
  await net.listen('n2', { protocol: 'tcp', port: 80 });
  await hasty(net, 'n1', 'n2');
}

/** Three nodes on one wire, each with a tunnel that has a list of the others (head-end replication), and a server on the third. */
export async function meshed(net: TestNetwork): Promise<void> {
  const nodes = [1, 2, 3];
  await net.namespaces('wire', ...nodes.map((n) => `n${n}`));
  await net.run('wire', 'ip link add br0 type bridge');
  await net.run('wire', 'ip link set br0 up');
  for (const n of nodes) {
    await net.wire(`n${n}/eth0 10.1.0.${n}/24`, `wire/w${n}`);
    await net.run('wire', `ip link set w${n} master br0`);
    await net.run(`n${n}`, `ip link add vx0 type vxlan id 42 dstport 4789 local 10.1.0.${n}`);
    await net.run(`n${n}`, `ip address add 10.9.0.${n}/24 dev vx0`);
    await net.run(`n${n}`, 'ip link set vx0 up');
    for (const m of nodes.filter((other) => other !== n))
      await net.run(`n${n}`, `bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.1.0.${m}`);
  }
  await net.listen('n3', { protocol: 'tcp', port: 80 });
  await hasty(net, ...nodes.map((n) => `n${n}`));
}
