import type { DockerLayout, DockerNetwork } from '../../support/layouts/docker.ts';
import { dockerNft } from '../../support/layouts/docker-nft.ts';
import { buildStage, dockerNetworks } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import type { TestNetwork } from '../../support/network.ts';

const docker =
  (first: Partial<DockerNetwork>, second: Partial<DockerNetwork>, more: Partial<DockerLayout> = {}) =>
  async (net: TestNetwork): Promise<void> => {
    for (const family of [4, 6] as const) {
      const networks = dockerNetworks(family, first, second);
      await net.run('node', 'nft -f -', dockerNft({ family, networks, ...more }));
    }
  };

testLayout('Docker 29 with nftables', {
  stage: buildStage,
  rules: docker({}, {}),
  table: `
    outside 192.168.7.1:8080    yes
    outside 172.18.0.2:80       no   direct-routing-blocked@node
    outside 172.18.0.3:80       no   direct-routing-blocked@node
    outside 172.18.0.2          no   direct-routing-blocked@node
    node    192.168.7.1:5432    yes
    web     172.18.0.3:80       yes
    web     172.19.0.2:5432     no   direct-routing-blocked@node
    web     192.168.7.1:5432    yes
    web     192.168.7.1:8080    no   forwarded-for-others@node
    web     192.168.7.2:443     yes
    db      [fd07::1]:8080      yes
    outside [fd18::3]:80        no   direct-routing-blocked@node
    web     [fd07::2]:443       yes`,
});

testLayout('Docker 29: internal, and no proxy of its own where loopback may not leave', {
  stage: buildStage,
  rules: docker({}, { mode: 'internal' }, { hairpin: true }),
  table: `
    node    127.0.0.1:8080      no   martian@node
    web     192.168.7.1:8080    no   hairpin@node
    app     192.168.7.1:8080    yes
    outside 172.19.0.2:5432     no   filter-drop@node
    db      192.168.7.2:443     no   filter-drop@node
    db      172.18.0.3:80       no   direct-routing-blocked@node
    node    172.19.0.2:5432     yes`,
});

testLayout('Docker 29: routed without traffic between containers, and unprotected', {
  stage: buildStage,
  rules: docker({ mode: 'routed', icc: false }, { mode: 'nat-unprotected' }),
  table: `
    outside 172.18.0.2:80       yes
    outside 172.18.0.3:80       no   direct-routing-blocked@node
    outside 172.18.0.3          yes
    outside 172.19.0.2:5432     yes
    web     172.19.0.2:5432     yes
    db      172.18.0.3:80       no   direct-routing-blocked@node
    web     172.18.0.3:80       no   bridge-firewalled@node
    outside [fd19::2]:5432      yes`,
});
