import { dockerIptables } from '../../support/layouts/docker.ts';
import { buildStage, dockerNetworks } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import { tailscaleIptables, tailscaleRoutes } from '../../support/layouts/tailscale.ts';
import { hasty } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';

/** `peer` is another node of the tailnet, which knows the networks behind this one; a veth pair stands for the tunnel. */
async function withPeer(net: TestNetwork): Promise<void> {
  await buildStage(net);
  await net.namespaces('peer');
  await net.wire('peer/eth0 100.64.0.2/32', 'node/tailscale0 100.64.0.1/32');
  await net.run('peer', 'ip route add 100.64.0.0/10 dev eth0');
  for (const network of ['172.18.0.0/15', '192.168.7.0/24'])
    await net.run('peer', `ip route add ${network} via 100.64.0.1`);
  await net.listen('peer', { protocol: 'tcp', port: 443 });
  await net.run('node', 'ip -batch -', tailscaleRoutes(['100.64.0.2']));
  await hasty(net, 'peer', 'node');
}

testLayout('tailscale: a router of subnets, with its own table and marks', {
  stage: withPeer,
  rules: async (net) => void (await net.run('node', 'iptables-restore -n', tailscaleIptables('100.64.0.1'))),
  table: `
    peer    172.18.0.2:80       yes
    peer    192.168.7.1:22      yes
    peer    192.168.7.2:443     yes
    node    100.64.0.2:443      yes
    web     100.64.0.2:443      yes
    web     100.64.0.9:443      no   no-route@node
    outside 100.64.0.2:443      no   no-route@outside`,
});

testLayout('tailscale beside Docker 28, with a strict filter of sources', {
  stage: withPeer,
  rules: async (net) => {
    await net.run('node', 'iptables-restore', dockerIptables({ family: 4, networks: dockerNetworks(4) }));
    await net.run('node', 'iptables-restore -n', tailscaleIptables('100.64.0.1'));
    await net.run('node', 'sysctl -qw net.ipv4.conf.all.rp_filter=1');
  },
  table: `
    peer    192.168.7.1:8080    yes
    peer    172.18.0.2:80       no   direct-routing-blocked@node
    peer    172.18.0.3:80       yes
    peer    192.168.7.2:443     yes
    web     100.64.0.2:443      yes`,
});
