import { dockerIptables } from '../../support/layouts/docker.ts';
import { libvirtIptables, libvirtNft, type VirtualNetwork } from '../../support/layouts/libvirt.ts';
import { buildStage, dockerNetworks } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import type { TestNetwork } from '../../support/network.ts';

const networks = (family: 4 | 6, second: VirtualNetwork['forward']): readonly VirtualNetwork[] => [
  { bridge: 'br-a', subnet: family === 4 ? '172.18.0.0/24' : 'fd18::/64', forward: 'nat' },
  { bridge: 'br-b', subnet: family === 4 ? '172.19.0.0/24' : 'fd19::/64', forward: second },
];

const iptables = async (net: TestNetwork, at: number, second: VirtualNetwork['forward']): Promise<void> => {
  await net.run('node', 'iptables-restore -n', libvirtIptables(networks(4, second).slice(at)));
  await net.run('node', 'ip6tables-restore -n', libvirtIptables(networks(6, second).slice(at)));
};

testLayout('libvirt with iptables: one network with NAT, one isolated', {
  stage: buildStage,
  rules: (net) => iptables(net, 0, 'isolated'),
  table: `
    web     192.168.7.2:443     yes
    web     172.18.0.3:80       yes
    node    172.19.0.2:5432     yes
    db      192.168.7.1:22      yes
    outside 172.18.0.2:80       no   filter-reject@node
    outside 172.18.0.2          no   filter-reject@node
    web     172.19.0.2:5432     no   filter-reject@node
    db      192.168.7.2:443     no   filter-reject@node + filter-reject@node
    outside [fd18::2]:80        no   filter-reject@node
    web     [fd07::2]:443       yes`,
});

testLayout('libvirt with nftables: one network with NAT, one routed in IPv6', {
  stage: buildStage,
  rules: async (net) => {
    await net.run('node', 'nft -f -', libvirtNft(networks(4, 'nat')));
    await net.run('node', 'nft -f -', libvirtNft(networks(6, 'route')));
  },
  table: `
    web     192.168.7.2:443     yes
    db      192.168.7.2:443     yes
    outside 172.19.0.2:5432     no   filter-reject@node
    web     172.19.0.2          no   filter-reject@node
    outside [fd19::2]:5432      yes
    outside [fd18::2]:80        no   filter-reject@node`,
});

testLayout('libvirt beside Docker 28, which turns the policy of FORWARD to drop', {
  stage: buildStage,
  rules: async (net) => {
    await net.run('node', 'sysctl -qw net.ipv4.conf.all.rp_filter=1');
    await iptables(net, 1, 'nat');
    const engine = dockerIptables({ family: 4, networks: dockerNetworks(4).slice(0, 1) });
    await net.run('node', 'iptables-restore -n', engine);
  },
  table: `
    db      192.168.7.2:443     yes
    db      192.168.7.1:8080    yes
    db      172.18.0.3:80       yes
    web     172.19.0.2:5432     no   filter-reject@node
    outside 192.168.7.1:8080    yes
    outside 172.19.0.2:5432     no   filter-reject@node`,
});
