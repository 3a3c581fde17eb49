import { expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

interface Overlay {
  /** Options of the tunnel beside its number. */
  readonly options?: string;
  readonly underlay?: 4 | 6;
}

const outer = (n: number, underlay: 4 | 6): string => (underlay === 4 ? `10.1.0.${n}` : `fd01::${n}`);

/** Two nodes on a wire of 1,500 bytes with a routed tunnel between them, and a container behind each. */
const routed =
  ({ options = '', underlay = 4 }: Overlay) =>
  async (net: TestNetwork): Promise<void> => {
    await net.namespaces('n1', 'n2', 'c1', 'c2');
    await net.wire('n1/eth0 10.1.0.1/24 fd01::1/64', 'n2/eth0 10.1.0.2/24 fd01::2/64');
    for (const [n, m] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const ends = `local ${outer(n, underlay)} remote ${outer(m, underlay)}`;
      await net.run(`n${n}`, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
      await net.run(`n${n}`, `ip link add vx0 type vxlan id 42 dstport 4789 ${ends} ${options}`);
      await net.run(`n${n}`, `ip address add 10.9.0.${n}/24 dev vx0`);
      await net.run(`n${n}`, `ip link set vx0 mtu ${underlay === 4 ? 1450 : 1430} up`);
      await net.wire(`c${n}/eth0 10.244.${n}.2/24`, `n${n}/cni0 10.244.${n}.1/24`);
      await net.run(`c${n}`, `ip route add default via 10.244.${n}.1`);
      await net.run(`n${n}`, `ip route add 10.244.${m}.0/24 via 10.9.0.${m}`);
    }
    await net.listen('c2', { protocol: 'tcp', port: 80 });
  };

const asked = { from: 'netns:c1', to: '10.244.2.2:80' };

/** What the ends learnt while they were told would keep them going for ten minutes. */
const forget = async (net: TestNetwork): Promise<void> => {
  for (const name of ['n1', 'n2', 'c1', 'c2']) {
    await net.run(name, 'ip route flush cache');
    await net.run(name, 'ip -6 route flush cache');
  }
};

const widened = async (net: TestNetwork): Promise<void> => {
  await forget(net);
  for (const name of ['n1', 'n2']) await net.run(name, 'ip link set vx0 mtu 1500');
};

testCause({
  fault: 'its packets may not be fragmented, and it promises as much as the wire takes',
  healthy: routed({ options: 'df set' }),
  breakIt: widened,
  ask: asked,
  verdict: 'partial',
  causes: ['tunnel-mtu'],
  at: ['netns:n1'],
  forget,
});

testCause({
  fault: 'IPv6 carries it, whose packets nobody takes apart',
  healthy: routed({ underlay: 6 }),
  breakIt: widened,
  ask: asked,
  verdict: 'partial',
  causes: ['tunnel-mtu'],
  at: ['netns:n1'],
  forget,
});

testCause({
  fault: 'it keeps what the packets in it ask for, and the wire below became narrower',
  healthy: routed({ options: 'df inherit' }),
  breakIt: async (net) => {
    await forget(net);
    for (const name of ['n1', 'n2']) await net.run(name, 'ip link set eth0 mtu 1400');
  },
  ask: asked,
  verdict: 'partial',
  causes: ['tunnel-mtu'],
  at: ['netns:n1'],
  forget,
});

test('fragments of a tunnel’s packets pass: no cause', async () => {
  await using net = await buildNetwork();
  await routed({})(net);
  await widened(net);
  const answer = await ask({ ...asked, size: 1500 });
  expect(answer.verdict, brief(answer)).toBe('reachable');
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  expect(answer.probe.sizes, brief(answer)).toMatchObject([{ direction: 'forward', fate: 'passes' }]);
  expect(answer.causes, brief(answer)).toEqual([]);
});

test('the tunnel’s own machine learns from the first packet that is lost: no cause', async () => {
  await using net = await buildNetwork();
  await routed({ options: 'df set' })(net);
  await net.listen('n2', { protocol: 'tcp', port: 81 });
  await widened(net);
  const answer = await ask({ from: 'netns:n1', to: '10.9.0.2:81' });
  expect(answer.verdict, brief(answer)).toBe('reachable');
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  expect(answer.causes, brief(answer)).toEqual([]);
});

/** Containers of two nodes on bridges that a tunnel joins, as swarm does. */
async function bridged(net: TestNetwork): Promise<void> {
  await net.namespaces('n1', 'n2', 'c1', 'c2');
  await net.wire('n1/eth0 10.1.0.1/24', 'n2/eth0 10.1.0.2/24');
  for (const [n, m] of [
    [1, 2],
    [2, 1],
  ] as const) {
    await net.run(`n${n}`, `ip link add vx0 mtu 1500 type vxlan id 42 dstport 4789 remote 10.1.0.${m}`);
    await net.run(`n${n}`, 'ip link set vx0 up');
    await net.wire(`c${n}/eth0 10.5.0.${n}/24`, `n${n}/v0`);
    await net.bridge(`n${n}/br0`, 'v0', 'vx0');
  }
  await net.listen('c2', { protocol: 'tcp', port: 80 });
}

const across = { from: 'netns:c1', to: '10.5.0.2:80' };

test('a tunnel on a bridge tells the sender in the destination’s name: no cause', async () => {
  await using net = await buildNetwork();
  await bridged(net);
  const answer = await ask(across);
  expect(answer.verdict, brief(answer)).toBe('reachable');
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  expect(answer.probe.sizes, brief(answer)).toMatchObject([
    { direction: 'forward', fate: 'adapts', passes: 1450 },
  ]);
  expect(answer.causes, brief(answer)).toEqual([]);
});

testCause({
  fault: 'the tunnel is on a bridge, and the sender’s firewall takes no such message',
  healthy: bridged,
  breakIt: async (net) => {
    await forget(net);
    await net.run('c1', 'iptables -A INPUT -p icmp --icmp-type fragmentation-needed -j DROP');
  },
  ask: across,
  verdict: 'partial',
  causes: ['tunnel-mtu'],
  at: ['netns:n1'],
  forget,
});
