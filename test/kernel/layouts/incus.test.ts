import { incus } from '../../support/layouts/incus.ts';
import { buildStage } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';
import { macOf } from '../../support/network.ts';

const NEIGHBOURS = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept';

testLayout('Incus: a forward, an ACL, and instances that may speak from their own addresses alone', {
  stage: buildStage,
  rules: async (net) => {
    const mac = await macOf(net, 'web', 'eth0');
    const appMac = await macOf(net, 'app', 'eth0');
    const tables = incus(
      [
        {
          bridge: 'br-a',
          v4: '172.18.0.0/24',
          v6: 'fd18::/64',
          forwards: [{ address: '192.168.7.1', port: 8080, to: '172.18.0.2', toPort: 80 }],
          acl: [
            NEIGHBOURS,
            'iifname "br-a" tcp dport 5432 drop',
            'oifname "br-a" tcp dport 80 accept',
            'iifname "br-a" icmp type echo-request accept',
          ],
        },
        { bridge: 'br-b', v4: '172.19.0.0/24', v6: 'fd19::/64' },
      ],
      [
        { port: 'vweb', mac, v4: '172.18.0.2', v6: 'fd18::2' },
        { port: 'vapp', mac: appMac, v4: '172.18.0.3', v6: 'fd18::3' },
      ],
    );
    await net.run('node', 'nft -f -', tables);
  },
  table: `
    outside 192.168.7.1:8080    yes
    outside 172.18.0.2:80       yes
    outside [fd18::2]:80        yes
    outside 172.18.0.2          no   filter-reject@node
    web     192.168.7.1         yes
    web     172.19.0.2:5432     no   filter-drop@node
    web     192.168.7.2:443     no   filter-reject@node
    db      192.168.7.2:443     yes
    db      172.18.0.2:80       yes
    app     172.18.0.2:80       yes`,
});
