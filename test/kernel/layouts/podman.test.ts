import { netavark } from '../../support/layouts/netavark.ts';
import { buildStage } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';

testLayout('podman’s netavark with nftables, its networks isolated', {
  stage: buildStage,
  rules: async (net) => {
    const published = (address: string) => [{ address, port: 80, hostPort: 8080 }];
    const table = netavark([
      { bridge: 'br-a', subnet: '172.18.0.0/24', isolate: 'true', published: published('172.18.0.2') },
      { bridge: 'br-b', subnet: '172.19.0.0/24', isolate: 'true', published: [] },
      { bridge: 'br-a', subnet: 'fd18::/64', isolate: 'true', published: published('fd18::2') },
    ]);
    await net.run('node', 'nft -f -', table);
    await net.run('node', 'bridge link set dev vweb hairpin on');
    await net.run('node', 'sysctl -qw net.ipv4.conf.br-a.route_localnet=1');
  },
  table: `
    outside 192.168.7.1:8080    yes
    outside 172.18.0.2:80       yes
    node    127.0.0.1:8080      yes
    web     192.168.7.1:8080    yes
    app     192.168.7.1:8080    yes
    web     172.18.0.3:80       yes
    db      192.168.7.2:443     yes
    db      172.18.0.2:80       no   filter-drop@node
    db      192.168.7.1:8080    no   filter-drop@node
    web     172.19.0.2:5432     no   filter-drop@node + filter-drop@node
    outside [fd07::1]:8080      yes
    db      [fd18::2]:80        no   filter-drop@node`,
});
