import { dockerIptables, type DockerLayout, type DockerNetwork } from '../../support/layouts/docker.ts';
import { buildStage, dockerNetworks } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import type { TestNetwork } from '../../support/network.ts';

const TOOLS = { 4: 'iptables', 6: 'ip6tables' } as const;

const docker =
  (
    first: Partial<DockerNetwork>,
    second: Partial<DockerNetwork>,
    { backend = 'nft', ...more }: Partial<DockerLayout> & { readonly backend?: 'nft' | 'legacy' } = {},
  ) =>
  async (net: TestNetwork): Promise<void> => {
    for (const family of [4, 6] as const)
      await net.run(
        'node',
        `${TOOLS[family]}-${backend}-restore`,
        dockerIptables({ family, networks: dockerNetworks(family, first, second), ...more }),
      );
    if (!more.hairpin) return;
    for (const bridge of ['br-a', 'br-b'])
      await net.run('node', `sysctl -qw net.ipv4.conf.${bridge}.route_localnet=1`);
    for (const port of ['vweb', 'vapp', 'vdb'])
      await net.run('node', `bridge link set dev ${port} hairpin on`);
  };

testLayout('Docker 28 with iptables', {
  stage: buildStage,
  rules: docker({}, {}),
  table: `
    outside 192.168.7.1:8080    yes
    outside 192.168.7.1:5432    yes
    outside 172.18.0.2:80       no   direct-routing-blocked@node
    outside 172.18.0.3:80       no   direct-routing-blocked@node
    outside 172.18.0.2:53/udp   no   direct-routing-blocked@node
    outside 172.18.0.1:22       yes
    node    172.19.0.2:5432     yes
    node    192.168.7.1:8080    yes
    web     172.18.0.3:80       yes
    web     172.19.0.2          no   direct-routing-blocked@node
    web     192.168.7.1:5432    yes
    web     192.168.7.1:8080    no   forwarded-for-others@node
    web     192.168.7.2:443     yes
    db      192.168.7.1:8080    yes
    outside [fd07::1]:8080      yes
    outside [fd18::2]:80        no   direct-routing-blocked@node
    db      [fd18::3]:80        no   direct-routing-blocked@node
    web     [fd07::2]:443       yes`,
});

testLayout('Docker 28 with iptables-legacy, isolation in stages and no proxy of its own', {
  stage: buildStage,
  rules: docker({}, {}, { stages: true, hairpin: true, backend: 'legacy' }),
  table: `
    node    127.0.0.1:8080      yes
    node    127.0.0.1:8081      yes
    outside 192.168.7.1:8081    no   forwarded-for-others@node
    web     192.168.7.1:8080    yes
    app     192.168.7.1:8080    yes
    web     172.19.0.2:5432     no   direct-routing-blocked@node
    web     192.168.7.1:5432    no   filter-drop@node
    web     192.168.7.2:443     yes
    outside [fd07::1]:8080      yes
    outside [fd18::3]:80        no   direct-routing-blocked@node`,
});

testLayout('Docker 28: routed, internal', {
  stage: buildStage,
  rules: docker({ mode: 'routed' }, { mode: 'internal' }),
  table: `
    outside 172.18.0.2:80       yes
    outside 172.18.0.2          yes
    outside 172.18.0.3:80       no   direct-routing-blocked@node
    outside 172.19.0.2:5432     no   filter-drop@node
    web     172.18.0.3:80       yes
    web     192.168.7.2:443     yes
    node    172.19.0.2:5432     yes
    db      192.168.7.2:443     no   filter-drop@node
    db      172.18.0.2:80       no   filter-drop@node
    outside [fd18::2]:80        yes
    db      [fd07::2]:443       no   filter-drop@node`,
});
