import { dockerIptables } from '../../support/layouts/docker.ts';
import { buildStage, dockerNetworks } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import { ufw, type UfwLayout } from '../../support/layouts/ufw.ts';
import type { TestNetwork } from '../../support/network.ts';

const load = async (net: TestNetwork, layout: Omit<UfwLayout, 'family'>): Promise<void> => {
  await net.run('node', 'iptables-restore -n', ufw({ family: 4, ...layout }));
  await net.run('node', 'ip6tables-restore -n', ufw({ family: 6, ...layout }));
};

testLayout('ufw, with a limited port that nobody serves', {
  stage: buildStage,
  rules: (net) =>
    load(net, {
      input: ['-p tcp -m tcp --dport 22 -j ACCEPT'],
      limited: [5432],
      forward: ['-i br-a -o br-b -p tcp -m tcp --dport 5432 -j ACCEPT'],
    }),
  table: `
    outside 192.168.7.1:22      yes
    outside 192.168.7.1:5432    no   no-listener@node
    outside 192.168.7.1:8080    no   policy-drop@node + no-listener@node
    outside 172.18.0.2:80       no   policy-drop@node
    outside 172.18.0.2          yes
    web     172.19.0.2:5432     yes
    web     172.18.0.3:80       no   bridge-firewalled@node
    web     192.168.7.2:443     no   policy-drop@node
    node    192.168.7.2:443     yes
    outside [fd07::1]:22        yes
    outside [fd07::1]:5432      no   no-listener@node
    outside [fd18::2]:80        no   policy-drop@node`,
});

testLayout('ufw and Docker 28: what Docker publishes goes past ufw', {
  stage: buildStage,
  rules: async (net) => {
    await net.run('node', 'iptables-restore', dockerIptables({ family: 4, networks: dockerNetworks(4) }));
    await load(net, { incoming: 'REJECT', input: ['-p tcp -m tcp --dport 2222 -j ACCEPT'] });
  },
  table: `
    outside 192.168.7.1:8080    yes
    outside 192.168.7.1:22      no   filter-reject@node
    outside 172.18.0.2:80       no   direct-routing-blocked@node
    web     192.168.7.2:443     yes
    web     172.18.0.3:80       yes
    web     192.168.7.1:22      no   filter-reject@node
    db      192.168.7.1:8080    yes`,
});
