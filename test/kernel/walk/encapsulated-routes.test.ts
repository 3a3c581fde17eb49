import { expect, test } from 'vitest';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { expectChinese } from '../../support/chinese-report.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** red and blue behind two nodes, which put their packets into others by their routes to each other. */
async function nodes(net: TestNetwork, wrap: (net: TestNetwork) => Promise<void>): Promise<void> {
  await net.namespaces('one', 'two', 'red', 'blue');
  await net.wire('one/u0 192.168.0.1/24 fd88::1/64', 'two/u0 192.168.0.2/24 fd88::2/64');
  await net.wire('red/eth0 10.1.0.2/24', 'one/r0 10.1.0.1/24');
  await net.wire('blue/eth0 10.2.0.2/24', 'two/b0 10.2.0.1/24');
  await net.run('red', 'ip route add default via 10.1.0.1');
  await net.run('blue', 'ip route add default via 10.2.0.1');
  for (const node of ['one', 'two'])
    await net.run(node, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await wrap(net);
}

async function bySegments(net: TestNetwork): Promise<void> {
  for (const node of ['one', 'two'])
    await net.run(node, 'sysctl -qw net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.u0.seg6_enabled=1');
  await net.run('one', 'ip route add 10.2.0.0/24 encap seg6 mode encap segs fd88::2 dev u0');
  await net.run('two', 'ip route add 10.1.0.0/24 via 192.168.0.1');
}

/** One vxlan interface for all numbers: routes say by which number and to which node a packet goes. */
async function byTunnelRoutes(net: TestNetwork): Promise<void> {
  const nodes = [
    ['one', 1, 2],
    ['two', 2, 1],
  ] as const;
  for (const [node, own, other] of nodes) {
    await net.run(node, `ip link add vx0 address 02:00:00:00:00:0${own} type vxlan external dstport 4789`);
    await net.run(node, `ip address add 172.16.0.${own}/24 dev vx0`);
    await net.run(node, 'ip link set vx0 up');
    await net.run(node, `ip neigh add 172.16.0.${other} lladdr 02:00:00:00:00:0${other} dev vx0`);
    await net.run(
      node,
      `ip route add 10.${other}.0.0/24 encap ip id 100 dst 192.168.0.${other} via 172.16.0.${other} dev vx0`,
    );
  }
}

const WRAPPED = { 'segments (seg6)': bySegments, 'a tunnel’s address (ip)': byTunnelRoutes };

test.each(Object.entries(WRAPPED))(
  'of a route that wraps packets by %s nothing is said, but by the kernel',
  async (_, wrap) => {
    await using net = await buildNetwork();
    await nodes(net, wrap);
    const asked = { from: 'netns:red', to: '10.2.0.2:80' };
    const onPaper = await ask(asked, false);
    expect(onPaper.verdict, brief(onPaper)).toBe('unknown');
    expect(onPaper.causes).toEqual([]);
    expect(onPaper.notes.join()).toMatch(
      /the route “10\.2\.0\.0\/24 encap .*” of netns:one wraps the packet/,
    );
    expectChinese(await ask(asked, false, openMachine(), 'zh-cn'));
    const answer = await ask(asked);
    expect(answer.verdict, brief(answer)).toBe('reachable');
    expect(answer.probe.agrees).toBe(null);
  },
);
