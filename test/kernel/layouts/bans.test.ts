import { crowdsec, fail2ban, fail2banIptables } from '../../support/layouts/bans.ts';
import { buildStage } from '../../support/layouts/stage.ts';
import { testLayout } from '../../support/layouts/table.ts';

testLayout('CrowdSec and fail2ban, by nftables and by iptables', {
  stage: buildStage,
  rules: async (net) => {
    const banned = { v4: ['192.168.7.2', '10.0.0.1'], v6: ['fd07::2'] };
    await net.run('node', 'nft -f -', crowdsec(banned, ['forward']));
    await net.run('node', 'nft -f -', fail2ban({ v4: ['172.18.0.0/24'], v6: ['fd19::2'] }, 'sshd', '22'));
    await net.run('node', 'iptables-restore -n', fail2banIptables(['172.19.0.2'], 'sshd', '22,2222'));
  },
  table: `
    outside 192.168.7.1:22      yes
    outside 172.18.0.2:80       no   filter-drop@node
    outside [fd18::2]:80        no   filter-drop@node
    web     192.168.7.1:22      no   filter-reject@node
    web     192.168.7.1         yes
    web     192.168.7.2:443     no   filter-drop@node
    web     172.19.0.2:5432     yes
    db      192.168.7.1:22      no   filter-reject@node
    db      [fd07::1]:22        no   filter-reject@node
    app     [fd07::1]:22        yes`,
});
