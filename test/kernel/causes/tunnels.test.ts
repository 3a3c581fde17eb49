import { testCause } from '../../support/cause-case.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { macOf, type TestNetwork } from '../../support/network.ts';
import { flannel, meshed, tunnelled } from '../../support/overlay.ts';

const ask = { from: 'netns:n1', to: '10.9.0.2:80' };
const askFlannel = { from: 'netns:c1', to: '10.244.2.2:80' };

const forget = async (net: TestNetwork): Promise<void> => {
  for (const node of ['n1', 'n2']) await net.run(node, 'ip neighbour flush dev vx0');
};

/** Makes the tunnel of a node anew, otherwise. */
const remade = async (net: TestNetwork, n: number, options: string): Promise<void> => {
  await disturb(net, `n${n}`, [
    'ip link delete vx0',
    `ip link add vx0 type vxlan ${options}`,
    `ip address add 10.9.0.${n}/24 dev vx0`,
    'ip link set vx0 up',
  ]);
  await forget(net);
};

testCause({
  fault: 'the number differs at the other end',
  healthy: tunnelled,
  breakIt: (net) => remade(net, 2, 'id 43 dstport 4789 remote 10.1.0.1'),
  ask,
  causes: ['tunnel-id-mismatch'],
  at: ['netns:n2'],
  forget,
});

testCause({
  fault: 'the port differs at the other end',
  healthy: tunnelled,
  breakIt: (net) => remade(net, 2, 'id 42 dstport 8472 remote 10.1.0.1'),
  ask,
  causes: ['tunnel-port-mismatch'],
  at: ['netns:n2'],
  forget,
});

testCause({
  fault: 'the remote is an address that nobody has',
  healthy: tunnelled,
  breakIt: (net) => remade(net, 1, 'id 42 dstport 4789 remote 10.1.0.9'),
  ask,
  causes: ['tunnel-peer-wrong'],
  at: ['netns:n1'],
  forget,
});

testCause({
  fault: 'the receiver’s firewall drops the tunnel’s port',
  healthy: tunnelled,
  breakIt: async (net) => {
    await net.run('n2', 'iptables -A INPUT -p udp --dport 4789 -j DROP');
    await forget(net);
  },
  ask,
  causes: ['tunnel-port-blocked'],
  at: ['netns:n2'],
  forget,
});

testCause({
  fault: 'a router between two nodes rejects it (flannel)',
  healthy: flannel,
  breakIt: (net) => net.run('router', 'iptables -I FORWARD -p udp --dport 8472 -j REJECT').then(),
  ask: askFlannel,
  causes: ['tunnel-port-blocked'],
  at: ['netns:router'],
});

testCause({
  fault: 'the policy of a node drops it, on the way back (flannel)',
  healthy: flannel,
  breakIt: async (net) => {
    await net.run('n1', 'iptables -A INPUT -p tcp -j ACCEPT');
    await net.run('n1', 'iptables -P INPUT DROP');
  },
  ask: askFlannel,
  causes: ['tunnel-port-blocked'],
  at: ['netns:n1'],
});

testCause({
  fault: 'the entry of a node is missing (flannel)',
  healthy: flannel,
  breakIt: async (net) => {
    const mac = await macOf(net, 'n2', 'flannel.1');
    await net.run('n1', `bridge fdb del ${mac} dev flannel.1 dst 10.2.0.2`);
  },
  ask: askFlannel,
  causes: ['tunnel-fdb-missing'],
  at: ['netns:n1'],
});

testCause({
  fault: 'the neighbour of a node is missing (flannel)',
  healthy: flannel,
  breakIt: (net) => net.run('n2', 'ip neighbour del 10.244.1.0 dev flannel.1').then(),
  ask: askFlannel,
  causes: ['tunnel-fdb-missing'],
  at: ['netns:n2'],
});

testCause({
  fault: 'a node got another hardware address, and nobody asks anew (flannel)',
  healthy: flannel,
  breakIt: (net) => net.run('n2', 'ip link set flannel.1 address 02:00:00:00:00:09').then(),
  ask: askFlannel,
  causes: ['stale-neighbour', 'tunnel-fdb-missing'],
  at: ['netns:n1', 'netns:n2'],
});

testCause({
  fault: 'a tunnel that was made for an interface which does not lead to the other end',
  healthy: async (net) => {
    await tunnelled(net);
    await net.wire('n1/aside 192.168.7.1/24', 'n1/other');
  },
  breakIt: (net) => remade(net, 1, 'id 42 dstport 4789 remote 10.1.0.2 dev aside'),
  ask,
  causes: ['tunnel-peer-wrong'],
  at: ['netns:n1'],
  forget,
});

testCause({
  fault: 'a tunnel that was made for an interface, with a wrong remote',
  healthy: tunnelled,
  breakIt: (net) => remade(net, 1, 'id 42 dstport 4789 remote 10.1.0.77 dev eth0'),
  ask,
  causes: ['tunnel-peer-wrong'],
  at: ['netns:n1'],
  forget,
});

testCause({
  fault: 'a tunnel without any remote',
  healthy: tunnelled,
  breakIt: (net) => remade(net, 1, 'id 42 dstport 4789'),
  ask,
  causes: ['tunnel-fdb-missing'],
  at: ['netns:n1'],
  forget,
});

/** What was learned goes when the interface does. */
const unlearn = (net: TestNetwork): Promise<void> =>
  disturb(net, 'n1', ['ip link set vx0 down', 'ip link set vx0 up']);

testCause({
  fault: 'one of three nodes is missing in the list of those who are asked',
  healthy: meshed,
  breakIt: async (net) => {
    await net.run('n1', 'bridge fdb del 00:00:00:00:00:00 dev vx0 dst 10.1.0.3');
    await unlearn(net);
  },
  forget: unlearn,
  ask: { from: 'netns:n1', to: '10.9.0.3:80' },
  causes: ['tunnel-fdb-missing'],
  at: ['netns:n1'],
});

testCause({
  fault: 'an entry names the node that a machine was on before (flannel)',
  healthy: flannel,
  breakIt: async (net) => {
    const mac = await macOf(net, 'n2', 'flannel.1');
    await net.run('n1', `bridge fdb replace ${mac} dev flannel.1 dst 10.2.0.1`);
  },
  ask: askFlannel,
  causes: ['stale-fdb'],
  at: ['netns:n1'],
});

testCause({
  fault: 'a learning end has a fixed entry for the sender that is wrong',
  healthy: tunnelled,
  breakIt: async (net) => {
    const mac = await macOf(net, 'n1', 'vx0');
    await net.run('n2', `bridge fdb replace ${mac} dev vx0 dst 10.1.0.7`);
    await forget(net);
  },
  ask,
  causes: ['stale-fdb'],
  at: ['netns:n2'],
  forget,
});

testCause({
  fault: 'the interface at the other end is down, and with it its port is closed',
  healthy: async (net) => {
    await tunnelled(net);
    const mac = await macOf(net, 'n2', 'vx0');
    await net.run('n1', `ip neighbour replace 10.9.0.2 lladdr ${mac} dev vx0 nud permanent`);
  },
  breakIt: (net) => disturb(net, 'n2', ['ip link set vx0 down']),
  ask,
  causes: ['interface-down'],
  at: ['netns:n2'],
});

testCause({
  fault: 'the other node has another address now, and its tunnel was made for the old one (flannel)',
  healthy: flannel,
  breakIt: async (net) => {
    await net.run('n2', 'ip address del 10.2.0.2/24 dev eth0');
    await net.run('n2', 'ip address add 10.2.0.22/24 dev eth0');
    await net.run('n2', 'ip route replace default via 10.2.0.1');
  },
  ask: askFlannel,
  causes: ['tunnel-peer-wrong'],
  at: ['netns:n2'],
});

testCause({
  fault: 'the sender’s own node has another address now, and its tunnel was made for the old one (flannel)',
  healthy: flannel,
  breakIt: async (net) => {
    await net.run('n1', 'ip address del 10.1.0.2/24 dev eth0');
    await net.run('n1', 'ip address add 10.1.0.22/24 dev eth0');
    await net.run('n1', 'ip route replace default via 10.1.0.1');
  },
  ask: askFlannel,
  causes: ['tunnel-peer-wrong'],
  at: ['netns:n1'],
});

testCause({
  fault: 'the packets of a tunnel live too short for the routers between its ends (flannel)',
  healthy: flannel,
  breakIt: (net) => net.run('n1', 'ip link set flannel.1 type vxlan ttl 1').then(),
  ask: askFlannel,
  causes: ['ttl-expired'],
  at: ['netns:n1'],
});

testCause({
  fault: 'a tunnel’s interface stands beside the bridge that it belongs to',
  healthy: async (net) => {
    await net.namespaces('red', 'n1', 'n2', 'blue');
    await net.wire('n1/eth0 10.1.0.1/24', 'n2/eth0 10.1.0.2/24');
    await net.wire('red/eth0 10.9.0.2/24', 'n1/vr');
    await net.wire('blue/eth0 10.9.0.3/24', 'n2/vb');
    for (const [n, m, port] of [
      [1, 2, 'vr'],
      [2, 1, 'vb'],
    ] as const) {
      await net.run(`n${n}`, `ip link add vx0 type vxlan id 42 dstport 4789 remote 10.1.0.${m}`);
      await net.bridge(`n${n}/br0`, port, 'vx0');
      await net.run(`n${n}`, 'ip link set vx0 up');
    }
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: (net) => net.run('n2', 'ip link set vx0 nomaster').then(),
  ask: { from: 'netns:red', to: '10.9.0.3:80' },
  causes: ['not-attached-to-bridge'],
  at: ['netns:n2'],
});

/** Two nodes with a router between them, and a learning tunnel. */
const acrossRouter = async (net: TestNetwork): Promise<void> => {
  await net.namespaces('router', 'n1', 'n2');
  await net.wire('n1/eth0 10.1.0.2/24', 'router/r1 10.1.0.1/24');
  await net.wire('n2/eth0 10.2.0.2/24', 'router/r2 10.2.0.1/24');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  for (const [n, m] of [
    [1, 2],
    [2, 1],
  ] as const) {
    await net.run(`n${n}`, `ip route add default via 10.${n}.0.1`);
    await net.run(`n${n}`, `ip link add vx0 type vxlan id 42 dstport 4789 remote 10.${m}.0.2`);
    await net.run(`n${n}`, `ip address add 10.9.0.${n}/24 dev vx0`);
    await net.run(`n${n}`, 'ip link set vx0 up');
  }
  await net.listen('n2', { protocol: 'tcp', port: 80 });
  await hasty(net, 'router', 'n1', 'n2');
};

testCause({
  fault: 'the packets of a tunnel live too short, and the node that it is on asks through it',
  healthy: acrossRouter,
  breakIt: (net) => disturb(net, 'n1', ['ip link set vx0 type vxlan ttl 1', 'ip neighbour flush dev vx0']),
  ask,
  causes: ['ttl-expired'],
  at: ['netns:n1'],
  forget,
});

testCause({
  fault: 'both ends of a tunnel have one hardware address (cloned machines)',
  healthy: acrossRouter,
  breakIt: async (net) => {
    await net.run('n2', `ip link set vx0 address ${await macOf(net, 'n1', 'vx0')}`);
    await forget(net);
  },
  ask,
  causes: ['duplicate-mac'],
  at: ['netns:n1'],
  forget,
});
