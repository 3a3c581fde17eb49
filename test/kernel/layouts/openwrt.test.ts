import { fw4 } from '../../support/layouts/fw4.ts';
import { buildStage } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';

testLayout('OpenWrt’s fw4: a forwarded port with reflection, and ports that wan may ask for', {
  stage: buildStage,
  rules: async (net) => {
    const forwarded = [
      {
        port: 8080,
        to: '172.18.0.2',
        toPort: 80,
        wanAddress: '192.168.7.1',
        lanNetwork: '172.18.0.0/24',
        lanAddress: '172.18.0.1',
      },
    ];
    const table = fw4({ lan: ['br-a', 'br-b'], wan: ['eth0'], open: [8022], forwarded, synFlood: false });
    await net.run('node', 'nft -f -', table);
  },
  table: `
    outside 192.168.7.1:8080    yes
    outside 192.168.7.1         yes
    outside 192.168.7.1:22      no   filter-reject@node
    outside 192.168.7.1:8022    no   no-listener@node
    outside 172.18.0.2:80       no   filter-reject@node
    outside 172.18.0.2:53/udp   no   filter-reject@node
    app     192.168.7.1:8080    yes
    web     172.19.0.2:5432     yes
    db      192.168.7.1:8080    no   forwarded-for-others@node
    db      192.168.7.2:443     yes
    db      192.168.7.1:22      yes`,
});
