import type { Asked } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { testEffects, type EffectsCase } from './effects-case.ts';
import { furthermore } from './furthermore.ts';

/** lan1 and lan2 behind a router that filters by ip6tables, and a stranger on its uplink; IPv6 alone. */
async function sixOnly(net: TestNetwork): Promise<void> {
  await net.namespaces('pc', 'nas', 'gw', 'far');
  await net.wire('pc/eth0 fd00:1::10/64', 'gw/l1 fd00:1::1/64');
  await net.wire('nas/eth0 fd00:2::20/64', 'gw/l2 fd00:2::1/64');
  await net.wire('far/eth0 2001:db8::9/64', 'gw/wan 2001:db8::1/64');
  await net.run('pc', 'ip -6 route add default via fd00:1::1');
  await net.run('nas', 'ip -6 route add default via fd00:2::1');
  await net.run('far', 'ip -6 route add fd00::/16 via 2001:db8::1');
  await net.run('gw', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.run('gw', 'ip6tables -P FORWARD DROP');
  await net.run('gw', 'ip6tables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT');
  await net.run('gw', 'ip6tables -A FORWARD -p ipv6-icmp -j ACCEPT');
  await net.run('gw', 'ip6tables -A FORWARD -i l1 -j ACCEPT');
  await net.run('gw', 'ip6tables -A FORWARD -i l2 -o l1 -p udp --dport 5000 -j ACCEPT');
  await net.listen('nas', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('nas', { protocol: 'tcp', port: 22, address: '::' });
  await net.listen('pc', { protocol: 'udp', port: 5000, address: '::' });
  await net.listen('far', { protocol: 'tcp', port: 443, address: '::' });
}

/** Hosts of a switch of which two may not see each other, and ebtables has a say. */
async function guarded(net: TestNetwork): Promise<void> {
  await net.namespaces('sw', 'cam', 'tv', 'hub');
  for (const [name, at] of [
    ['cam', 2],
    ['tv', 3],
    ['hub', 4],
  ] as const)
    await net.wire(`${name}/eth0 10.7.0.${at}/24`, `sw/v${name}`);
  await net.bridge('sw/br0 10.7.0.1/24', 'vcam', 'vtv', 'vhub');
  for (const port of ['vcam', 'vtv']) await net.run('sw', `bridge link set dev ${port} isolated on`);
  await net.run('sw', 'ebtables -A FORWARD -i vcam -p IPv4 --ip-proto udp -j DROP');
  await net.listen('hub', { protocol: 'tcp', port: 80 });
  await net.listen('hub', { protocol: 'udp', port: 5000 });
  await net.listen('tv', { protocol: 'tcp', port: 8008 });
  await net.listen('cam', { protocol: 'tcp', port: 554 });
}

/** A router whose firewall is sets and a verdict map of who may what. */
async function mapped(net: TestNetwork): Promise<void> {
  await net.namespaces('ann', 'bob', 'fw', 'web', 'sql');
  await net.wire('ann/eth0 10.1.0.2/24', 'fw/a0');
  await net.wire('bob/eth0 10.1.0.3/24', 'fw/b0');
  await net.bridge('fw/office 10.1.0.1/24', 'a0', 'b0');
  await net.wire('web/eth0 10.2.0.80/24', 'fw/w0 10.2.0.1/24');
  await net.wire('sql/eth0 10.3.0.54/24', 'fw/s0 10.3.0.1/24');
  for (const [node, via] of [
    ['ann', '10.1.0.1'],
    ['bob', '10.1.0.1'],
    ['web', '10.2.0.1'],
    ['sql', '10.3.0.1'],
  ] as const)
    await net.run(node, `ip route add default via ${via}`);
  await net.run('fw', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run(
    'fw',
    'nft -f -',
    `table ip guard {
      set staff { type ipv4_addr; flags interval; elements = { 10.1.0.0/24 } }
      map of { type ipv4_addr . inet_service : verdict; elements = { 10.2.0.80 . 80 : accept, 10.2.0.80 . 443 : accept, 10.3.0.54 . 5432 : drop } }
      chain staffed { ip daddr . tcp dport vmap @of; meta l4proto icmp accept; }
      chain forward {
        type filter hook forward priority filter; policy drop;
        ct state vmap { established : accept, related : accept }
        iifname vmap { "office" : jump staffed, "w0" : accept }
      }
    }`,
  );
  await net.listen('web', { protocol: 'tcp', port: 80 });
  await net.listen('web', { protocol: 'tcp', port: 443 });
  await net.listen('sql', { protocol: 'tcp', port: 5432 });
  await net.listen('sql', { protocol: 'udp', port: 5000 });
}

/** A gateway that sends each of two networks by a table of its own: one over a tunnel's end, one straight. */
async function twoTables(net: TestNetwork): Promise<void> {
  await net.namespaces('kid', 'dad', 'gw', 'one', 'two', 'shop');
  await net.wire('kid/eth0 10.4.1.2/24', 'gw/k0 10.4.1.1/24');
  await net.wire('dad/eth0 10.4.2.2/24', 'gw/d0 10.4.2.1/24');
  await net.wire('gw/o0 172.30.1.2/24', 'one/g0 172.30.1.1/24');
  await net.wire('gw/t0 172.30.2.2/24', 'two/g0 172.30.2.1/24');
  await net.wire('one/s0 198.18.0.1/24', 'shop/p1');
  await net.wire('two/s0 198.18.0.2/24', 'shop/p2');
  await net.bridge('shop/lan 198.18.0.80/24', 'p1', 'p2');
  await net.run('kid', 'ip route add default via 10.4.1.1');
  await net.run('dad', 'ip route add default via 10.4.2.1');
  for (const node of ['gw', 'one', 'two']) await net.run(node, 'sysctl -qw net.ipv4.ip_forward=1');
  for (const [table, via, from] of [
    [101, '172.30.1.1', '10.4.1.0/24'],
    [102, '172.30.2.1', '10.4.2.0/24'],
  ] as const) {
    await net.run('gw', `ip route add default via ${via} table ${table}`);
    await net.run('gw', `ip route add 10.4.1.0/24 dev k0 table ${table}`);
    await net.run('gw', `ip route add 10.4.2.0/24 dev d0 table ${table}`);
    await net.run('gw', `ip rule add pref ${table} from ${from} lookup ${table}`);
  }
  await net.run('one', 'ip route add 10.4.1.0/24 via 172.30.1.2');
  await net.run('two', 'ip route add 10.4.2.0/24 via 172.30.2.2');
  await net.run('shop', 'ip route add 10.4.1.0/24 via 198.18.0.1');
  await net.run('shop', 'ip route add 10.4.2.0/24 via 198.18.0.2');
  await net.listen('shop', { protocol: 'tcp', port: 80 });
  await net.listen('dad', { protocol: 'tcp', port: 22 });
  await net.listen('kid', { protocol: 'udp', port: 5000 });
}

/** Two nodes whose containers' networks are routed over a vxlan. */
async function routedOverlay(net: TestNetwork): Promise<void> {
  await net.namespaces('n1', 'n2', 'p1', 'q1', 'p2', 'q2');
  await net.wire('n1/eth0 192.168.0.1/24', 'n2/eth0 192.168.0.2/24');
  for (const at of [1, 2] as const) {
    const other = 3 - at;
    await net.run(
      `n${at}`,
      `ip link add vx0 type vxlan id 7 dstport 8472 local 192.168.0.${at} remote 192.168.0.${other}`,
    );
    await net.run(`n${at}`, 'ip link set vx0 up');
    await net.run(`n${at}`, `ip address add 10.8.0.${at}/24 dev vx0`);
    await net.run(`n${at}`, 'sysctl -qw net.ipv4.ip_forward=1');
    await net.run(`n${at}`, `ip route add 10.8.${other}.0/24 via 10.8.0.${other}`);
    await net.wire(`p${at}/eth0 10.8.${at}.2/24`, `n${at}/vp`);
    await net.wire(`q${at}/eth0 10.8.${at}.3/24`, `n${at}/vq`);
    await net.bridge(`n${at}/br0 10.8.${at}.1/24`, 'vp', 'vq');
    for (const own of ['p', 'q']) {
      await net.run(`${own}${at}`, 'ip link set eth0 mtu 1450');
      await net.run(`${own}${at}`, `ip route add default via 10.8.${at}.1`);
    }
    await net.listen(`p${at}`, { protocol: 'tcp', port: 80 });
  }
}

/** An engine's host that publishes a port of each of two containers, one of them on one address alone. */
async function publishing(net: TestNetwork): Promise<void> {
  await net.namespaces('node', 'c1', 'c2', 'out');
  await net.wire('out/eth0 192.0.2.9/24', 'node/eth0 192.0.2.1/24');
  await net.wire('c1/eth0 172.17.0.2/16', 'node/v1');
  await net.wire('c2/eth0 172.17.0.3/16', 'node/v2');
  await net.bridge('node/docker0 172.17.0.1/16', 'v1', 'v2');
  for (const one of ['c1', 'c2']) await net.run(one, 'ip route add default via 172.17.0.1');
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run(
    'node',
    'iptables-restore',
    `*nat
:PREROUTING ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
:ENGINE -
-A PREROUTING -m addrtype --dst-type LOCAL -j ENGINE
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j ENGINE
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A ENGINE ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-A ENGINE -d 192.0.2.1 ! -i docker0 -p tcp --dport 9090 -j DNAT --to-destination 172.17.0.3:90
COMMIT
*filter
:FORWARD DROP
:ENGINE -
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j ENGINE
-A FORWARD -i docker0 -j ACCEPT
-A ENGINE -d 172.17.0.2 ! -i docker0 -p tcp --dport 80 -j ACCEPT
-A ENGINE -d 172.17.0.3 ! -i docker0 -p tcp --dport 90 -j ACCEPT
COMMIT
`,
  );
  await net.listen('c1', { protocol: 'tcp', port: 80 });
  await net.listen('c2', { protocol: 'tcp', port: 90 });
  await net.listen('out', { protocol: 'tcp', port: 443 });
}

const FAR_TO_NAS: Asked = { from: 'netns:far', to: '[fd00:2::20]:80' };
const PC_TO_NAS: Asked = { from: 'netns:pc', to: '[fd00:2::20]:80' };
const CAM_TO_TV: Asked = { from: 'netns:cam', to: '10.7.0.3:8008' };
const CAM_TO_HUB: Asked = { from: 'netns:cam', to: '10.7.0.4:80' };
const ANN_TO_SQL: Asked = { from: 'netns:ann', to: '10.3.0.54:5432' };
const BOB_TO_WEB: Asked = { from: 'netns:bob', to: '10.2.0.80:443' };
const KID_TO_SHOP: Asked = { from: 'netns:kid', to: '198.18.0.80:80' };
const P1_TO_P2: Asked = { from: 'netns:p1', to: '10.8.2.2:80' };
const OUT_TO_9090: Asked = { from: 'netns:out', to: '192.0.2.1:9090' };

const CASES: readonly EffectsCase[] = [
  {
    title: 'IPv6: a stranger is let in to one port',
    make: furthermore(sixOnly, 'gw'),
    asked: FAR_TO_NAS,
    causes: ['policy-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'IPv6: the router has forgotten to forward',
    make: furthermore(sixOnly, 'gw', 'sysctl -qw net.ipv6.conf.all.forwarding=0'),
    asked: PC_TO_NAS,
    causes: ['ip-forward-off'],
    opens: 4,
    closes: 0,
  },
  {
    title: 'guarded switch: two isolated ports',
    make: furthermore(guarded, 'sw'),
    asked: CAM_TO_TV,
    causes: ['bridge-port-blocked'],
    opens: 2,
    closes: 0,
  },
  {
    title: 'guarded switch: nothing of IPv4 is let through from one port',
    make: furthermore(guarded, 'sw', 'ebtables -A FORWARD -i vcam -p IPv4 --ip-src 10.7.0.2 -j DROP'),
    asked: CAM_TO_HUB,
    causes: ['filter-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'sets and maps: a map says drop',
    make: furthermore(mapped, 'fw'),
    asked: ANN_TO_SQL,
    causes: ['filter-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'sets and maps: a port is missing in the map',
    make: furthermore(mapped, 'fw', 'nft delete element ip guard of { 10.2.0.80 . 443 : accept }'),
    asked: BOB_TO_WEB,
    causes: ['policy-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'two tables: a route of one refuses, and none is beside it',
    make: furthermore(twoTables, 'gw', 'ip route replace prohibit default table 101'),
    asked: KID_TO_SHOP,
    causes: ['blackhole-route', 'no-route'],
    opens: 1,
    closes: 0,
  },
  {
    title: 'two tables: the next hop of one is nobody’s',
    make: furthermore(twoTables, 'gw', 'ip route replace default via 172.30.1.99 table 101'),
    asked: KID_TO_SHOP,
    causes: ['gateway-unreachable'],
    opens: 1,
    closes: 0,
  },
  {
    title: 'routed overlay: the number of the tunnel differs at one end',
    make: furthermore(
      routedOverlay,
      'n2',
      'ip link delete vx0',
      'ip link add vx0 type vxlan id 8 dstport 8472 local 192.168.0.2 remote 192.168.0.1',
      'ip link set vx0 up',
      'ip address add 10.8.0.2/24 dev vx0',
      'ip route add 10.8.1.0/24 via 10.8.0.1',
    ),
    asked: P1_TO_P2,
    causes: ['tunnel-id-mismatch'],
    opens: 6,
    closes: 0,
  },
  {
    title: 'routed overlay: the tunnel’s port is closed at one end',
    make: furthermore(routedOverlay, 'n2', 'iptables -A INPUT -p udp --dport 8472 -j DROP'),
    asked: P1_TO_P2,
    causes: ['tunnel-port-blocked'],
    opens: 6,
    closes: 0,
  },
  {
    title: 'publishing: a published port leads to who is not there',
    make: furthermore(
      publishing,
      'node',
      'iptables -t nat -R ENGINE 2 -d 192.0.2.1 ! -i docker0 -p tcp --dport 9090 -j DNAT --to-destination 172.17.0.9:90',
      'iptables -R ENGINE 2 -d 172.17.0.9 ! -i docker0 -p tcp --dport 90 -j ACCEPT',
    ),
    asked: OUT_TO_9090,
    causes: ['dnat-elsewhere', 'policy-drop'],
    opens: 2,
    closes: 0,
  },
];

CASES.forEach(testEffects);
