import { dockerNft } from '../../support/layouts/docker-nft.ts';
import { firewalld } from '../../support/layouts/firewalld.ts';
import { buildStage, dockerNetworks } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';

const PORT = 'tcp dport 8080 dnat ip to 172.18.0.2:80';

/** br-a is inside and may ask for the database in the dmz; web alone is trusted. */
const ZONES = firewalld({
  defaultZone: 'public',
  zones: [
    {
      name: 'public',
      interfaces: ['eth0'],
      target: 'default',
      allow: [
        'tcp dport 22 accept',
        'ip saddr 192.168.7.0/24 tcp dport 23 reject with icmp port-unreachable',
      ],
      forwardPorts: [PORT],
    },
    { name: 'trusted', sources: ['172.18.0.2', 'fd18::2'], target: 'ACCEPT' },
    {
      name: 'internal',
      interfaces: ['br-a'],
      target: 'default',
      allow: ['tcp dport 22 accept'],
      forward: true,
    },
    { name: 'dmz', interfaces: ['br-b'], target: 'DROP' },
  ],
  policies: [
    { name: 'in-out', from: 'internal', to: 'public', target: 'ACCEPT' },
    { name: 'in-dmz', from: 'internal', to: 'dmz', allow: ['tcp dport 5432 accept'], target: 'REJECT' },
  ],
});

testLayout('firewalld: zones, policies and a forwarded port', {
  stage: buildStage,
  rules: async (net) => void (await net.run('node', 'nft -f -', ZONES)),
  table: `
    outside 192.168.7.1:22      yes
    outside 192.168.7.1:8080    yes
    outside 192.168.7.1         yes
    outside 192.168.7.1:23      no   filter-reject@node + no-listener@node
    outside 172.18.0.2:80       no   filter-reject@node
    web     192.168.7.2:443     yes
    web     172.19.0.2          yes
    web     192.168.7.1:8080    no   forwarded-for-others@node
    app     172.19.0.2:5432     yes
    app     172.19.0.2          no   filter-reject@node
    app     192.168.7.2:443     yes
    db      192.168.7.1:22      no   filter-drop@node
    db      172.18.0.3:80       no   filter-drop@node
    outside [fd07::1]:22        yes
    outside [fd18::2]:80        no   filter-reject@node
    app     [fd19::2]:5432      yes
    db      [fd07::2]:443       no   filter-drop@node
    node    192.168.7.1:8080    no   forwarded-for-others@node`,
});

testLayout('firewalld in front of Docker 29: what the engine publishes passes, the rest has two to pass', {
  stage: buildStage,
  rules: async (net) => {
    await net.run('node', 'nft -f -', dockerNft({ family: 4, networks: dockerNetworks(4) }));
    await net.run(
      'node',
      'nft -f -',
      firewalld({
        defaultZone: 'public',
        zones: [
          { name: 'public', interfaces: ['eth0'], target: 'default', allow: ['tcp dport 22 accept'] },
          { name: 'docker', interfaces: ['br-b'], target: 'ACCEPT' },
          { name: 'forgotten', interfaces: ['br-a'], target: 'default' },
        ],
        policies: [{ name: 'docker-forwarding', from: 'public', to: 'docker', target: 'ACCEPT' }],
      }),
    );
  },
  table: `
    outside 192.168.7.1:8080    yes
    outside 192.168.7.1:5432    yes
    outside 172.18.0.2:80       no   direct-routing-blocked@node + firewalls-disagree@node
    web     192.168.7.2:443     no   firewalls-disagree@node
    db      192.168.7.2:443     yes
    web     192.168.7.1:5432    yes
    web     192.168.7.1:22      no   filter-reject@node`,
});
