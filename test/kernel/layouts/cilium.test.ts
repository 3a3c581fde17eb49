import { ciliumIptables, ciliumRules } from '../../support/layouts/cilium.ts';
import { testLayout } from '../../support/layouts/table.ts';
import { hasty } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';

/** Pods as Cilium wires them, whose packets go through the node's stack (`enable-host-legacy-routing`), without its programs. */
async function pods(net: TestNetwork): Promise<void> {
  await net.namespaces('node', 'outside', 'web', 'db');
  await net.wire('outside/eth0 192.168.7.2/24', 'node/eth0 192.168.7.1/24');
  await net.wire('node/cilium_host 10.0.0.1/32', 'node/cilium_net');
  for (const [name, address] of Object.entries({ web: '10.0.0.2', db: '10.0.0.3' })) {
    await net.wire(`${name}/eth0 ${address}/32`, `node/lxc${name}`);
    await net.run(name, 'ip route add 10.0.0.1 dev eth0 scope link');
    await net.run(name, 'ip route add default via 10.0.0.1');
    await net.run('node', `ip route add ${address} dev lxc${name} scope link`);
    await net.listen(name, { protocol: 'tcp', port: 80 });
  }
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('outside', 'ip route add 10.0.0.0/24 via 192.168.7.1');
  await net.listen('outside', { protocol: 'tcp', port: 443 });
  await net.listen('node', { protocol: 'tcp', port: 22 });
  await hasty(net, 'node', 'outside', 'web', 'db');
}

testLayout('Cilium’s rules without its programs: marks of its proxies, and the local table asked second', {
  stage: pods,
  rules: async (net) => {
    await net.run('node', 'iptables-restore', ciliumIptables('10.0.0.0/24', '10.0.0.1'));
    await net.run('node', 'ip -batch -', ciliumRules);
    await net.run('node', 'iptables -P FORWARD DROP');
  },
  table: `
    web     10.0.0.3:80         yes
    web     192.168.7.2:443     no   policy-drop@node
    web     192.168.7.1:22      yes
    node    10.0.0.2:80         yes
    outside 192.168.7.1:22      yes
    outside 10.0.0.2:80         no   policy-drop@node`,
});
