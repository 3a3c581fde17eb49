import { buildStage } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import { wgQuickRoutes, wgQuickTable } from '../../support/layouts/wg-quick.ts';
import { hasty } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';

/** The node sends everything but its own networks into a tunnel (a veth pair) to `vpn`; `far` is beyond its neighbour. */
async function withTunnel(net: TestNetwork): Promise<void> {
  await buildStage(net);
  await net.namespaces('vpn', 'far');
  await net.wire('vpn/eth0 10.9.0.1/24', 'node/wg0 10.9.0.2/24');
  await net.wire('far/eth0 198.51.100.7/24', 'outside/far 198.51.100.1/24');
  await net.run('far', 'ip route add default via 198.51.100.1');
  await net.run('outside', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('outside', 'ip route add 10.9.0.0/24 via 192.168.7.1');
  await net.run('vpn', 'ip addr add 203.0.113.9/32 dev lo');
  await net.listen('vpn', { protocol: 'tcp', port: 443 });
  await net.listen('far', { protocol: 'tcp', port: 443 });
  await net.run('node', 'ip route add default via 192.168.7.2');
  await net.run('node', 'ip -batch -', wgQuickRoutes('wg0'));
  await hasty(net, 'vpn', 'far', 'node', 'outside');
}

testLayout('wg-quick: everything into the tunnel, and its address for nobody else', {
  stage: withTunnel,
  rules: async (net) => void (await net.run('node', 'nft -f -', wgQuickTable('wg0', '10.9.0.2'))),
  table: `
    node    203.0.113.9:443     yes
    node    192.168.7.2:443     yes
    node    198.51.100.7:443    no   policy-route@node
    outside 192.168.7.1:22      yes
    outside 10.9.0.2:22         no   filter-drop@node
    vpn     10.9.0.2:22         yes
    far     192.168.7.1:22      no   policy-route@node
    web     192.168.7.2:443     yes
    web     203.0.113.9:443     no   no-return-route@vpn`,
});

testLayout('wg-quick where others’ packets are masqueraded and sources are checked strictly', {
  stage: withTunnel,
  rules: async (net) => {
    await net.run('node', 'nft -f -', wgQuickTable('wg0', '10.9.0.2'));
    await net.run('node', 'sysctl -qw net.ipv4.conf.all.src_valid_mark=1 net.ipv4.conf.all.rp_filter=1');
    await net.run('node', 'iptables-legacy -t nat -A POSTROUTING -o wg0 -j MASQUERADE');
  },
  table: `
    web     203.0.113.9:443     yes
    outside 10.9.0.1:443        yes
    far     192.168.7.1:22      no   rp-filter@node
    far     172.18.0.2:80       no   rp-filter@node`,
});
