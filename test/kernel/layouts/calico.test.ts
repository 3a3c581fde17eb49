import { calico, calicoSets } from '../../support/layouts/calico.ts';
import { buildPods } from '../../support/layouts/pods.ts';
import { testLayout } from '../../support/layouts/table.ts';

testLayout('Calico with iptables: policies by ipset, marks, the raw table’s own check of sources', {
  stage: buildPods,
  rules: async (net) => {
    await net.run('node', 'ipset restore', calicoSets('10.65.0.0/24', { 'cali40s:web': ['10.65.0.2'] }));
    const workloads = [
      { device: 'caliweb' },
      { device: 'caliapp', egress: ['-p udp -m multiport --dports 53', '-p tcp -d 10.65.0.2/32'] },
      {
        device: 'calidb',
        ingress: ['-p tcp -m set --match-set cali40s:web src -m multiport --dports 5432'],
      },
    ];
    await net.run('node', 'iptables-restore', calico({ workloads, toHost: 'DROP' }));
  },
  table: `
    web     10.65.0.4:5432      yes
    web     10.65.0.3:80        yes
    web     192.168.7.2:443     yes
    node    10.65.0.4:5432      yes
    outside 10.65.0.2:80        yes
    outside 10.65.0.4:5432      no   filter-drop@node
    web     10.65.0.4           no   filter-drop@node
    web     192.168.7.1:22      no   filter-drop@node
    app     10.65.0.2:80        yes
    app     10.65.0.4:5432      no   filter-drop@node
    app     192.168.7.2:443     no   filter-drop@node
    db      10.65.0.3:80        yes
    outside 10.65.0.99:80       no   address-unknown@outside`,
});
