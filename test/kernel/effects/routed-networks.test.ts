import type { Asked } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { testEffects, type EffectsCase } from './effects-case.ts';
import { furthermore } from './furthermore.ts';

/** client – edge – (web, cache) – inner – (app, db): a filter in each router, the inner one by a set of who may what. */
async function threeTiers(net: TestNetwork): Promise<void> {
  await net.namespaces('client', 'edge', 'web', 'cache', 'inner', 'db');
  await net.wire('client/eth0 192.168.9.2/24', 'edge/c0 192.168.9.1/24');
  await net.wire('web/eth0 10.1.0.10/24', 'edge/w0');
  await net.wire('cache/eth0 10.1.0.11/24', 'edge/w1');
  await net.wire('inner/up0 10.1.0.2/24', 'edge/w2');
  await net.bridge('edge/dmz 10.1.0.1/24', 'w0', 'w1', 'w2');
  await net.wire('db/eth0 10.2.0.20/24', 'inner/d0 10.2.0.1/24');
  await net.run('client', 'ip route add default via 192.168.9.1');
  for (const node of ['web', 'cache']) {
    await net.run(node, 'ip route add default via 10.1.0.1');
    await net.run(node, 'ip route add 10.2.0.0/24 via 10.1.0.2');
  }
  await net.run('edge', 'ip route add 10.2.0.0/24 via 10.1.0.2');
  await net.run('inner', 'ip route add default via 10.1.0.1');
  await net.run('db', 'ip route add default via 10.2.0.1');
  for (const router of ['edge', 'inner']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run(
    'edge',
    'nft -f -',
    `table inet edge {
      chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "dmz" accept
        ip daddr 10.1.0.10 tcp dport { 80, 443 } accept
        icmp type echo-request ip daddr 10.1.0.0/24 accept
      }
    }`,
  );
  await net.run(
    'inner',
    'nft -f -',
    `table ip inner {
      set may { type ipv4_addr . inet_service; elements = { 10.1.0.10 . 5432, 10.1.0.10 . 22 } }
      chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established accept
        ip saddr . tcp dport @may accept
        meta l4proto icmp accept
        counter reject
      }
    }`,
  );
  for (const [node, port] of [
    ['web', 80],
    ['web', 443],
    ['cache', 6379],
    ['db', 5432],
    ['db', 22],
  ] as const)
    await net.listen(node, { protocol: 'tcp', port });
}

/** pc and tv behind a gateway that masquerades and publishes srv's port 80 as 8080, and a stranger outside. */
async function behindNat(net: TestNetwork): Promise<void> {
  await net.namespaces('pc', 'srv', 'gw', 'far', 'near');
  await net.wire('pc/eth0 192.168.1.10/24', 'gw/l0');
  await net.wire('srv/eth0 192.168.1.20/24', 'gw/l1');
  await net.bridge('gw/lan 192.168.1.1/24', 'l0', 'l1');
  await net.wire('gw/wan 203.0.113.1/24', 'near/eth0');
  await net.wire('far/eth0 203.0.113.9/24', 'near/eth1');
  await net.bridge('near/net 203.0.113.8/24', 'eth0', 'eth1');
  for (const node of ['pc', 'srv']) await net.run(node, 'ip route add default via 192.168.1.1');
  await net.run('gw', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run(
    'gw',
    'iptables -t nat -A PREROUTING -d 203.0.113.1 -p tcp --dport 8080 -j DNAT --to 192.168.1.20:80',
  );
  await net.run('gw', 'iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -o wan -j MASQUERADE');
  await net.run('gw', 'iptables -P FORWARD DROP');
  await net.run('gw', 'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT');
  await net.run('gw', 'iptables -A FORWARD -i lan -j ACCEPT');
  await net.run('gw', 'iptables -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT');
  await net.listen('srv', { protocol: 'tcp', port: 80 });
  await net.listen('srv', { protocol: 'udp', port: 5353 });
  await net.listen('far', { protocol: 'tcp', port: 443 });
  await net.listen('near', { protocol: 'udp', port: 123 });
}

/** Two networks behind gw, each by an uplink of its own, chosen by who sends. */
async function twoUplinks(net: TestNetwork): Promise<void> {
  await net.namespaces('staff', 'guest', 'gw', 'isp1', 'isp2', 'site');
  await net.wire('staff/eth0 10.0.1.2/24', 'gw/s0 10.0.1.1/24');
  await net.wire('guest/eth0 10.0.2.2/24', 'gw/g0 10.0.2.1/24');
  await net.wire('gw/u1 172.16.1.2/24', 'isp1/d0 172.16.1.1/24');
  await net.wire('gw/u2 172.16.2.2/24', 'isp2/d0 172.16.2.1/24');
  await net.wire('isp1/n0 198.51.100.1/24', 'site/p1');
  await net.wire('isp2/n0 198.51.100.2/24', 'site/p2');
  await net.bridge('site/net 198.51.100.80/24', 'p1', 'p2');
  await net.run('staff', 'ip route add default via 10.0.1.1');
  await net.run('guest', 'ip route add default via 10.0.2.1');
  for (const node of ['gw', 'isp1', 'isp2']) await net.run(node, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('gw', 'ip route add default via 172.16.1.1');
  await net.run('gw', 'ip route add default via 172.16.2.1 table 200');
  await net.run('gw', 'ip rule add pref 1000 lookup main suppress_prefixlength 0');
  await net.run('gw', 'ip rule add pref 1100 from 10.0.2.0/24 lookup 200');
  await net.run('isp1', 'ip route add 10.0.1.0/24 via 172.16.1.2');
  await net.run('isp2', 'ip route add 10.0.2.0/24 via 172.16.2.2');
  await net.run('site', 'ip route add 10.0.1.0/24 via 198.51.100.1');
  await net.run('site', 'ip route add 10.0.2.0/24 via 198.51.100.2');
  await net.run('site', 'ip route add 172.16.1.0/24 via 198.51.100.1');
  await net.run('site', 'ip route add 172.16.2.0/24 via 198.51.100.2');
  await net.listen('site', { protocol: 'tcp', port: 80 });
  await net.listen('staff', { protocol: 'tcp', port: 22 });
  await net.listen('guest', { protocol: 'udp', port: 5000 });
}

const WEB_TO_DB: Asked = { from: 'netns:web', to: '10.2.0.20:5432' };
const FAR_TO_PUBLISHED: Asked = { from: 'netns:far', to: '203.0.113.1:8080' };
const PC_TO_FAR: Asked = { from: 'netns:pc', to: '203.0.113.9:443' };
const GUEST_TO_SITE: Asked = { from: 'netns:guest', to: '198.51.100.80:80' };

const CASES: readonly EffectsCase[] = [
  {
    title: 'three tiers: who is missing in a set of who may what',
    make: furthermore(threeTiers, 'inner', 'nft delete element ip inner may { 10.1.0.10 . 5432 }'),
    asked: WEB_TO_DB,
    causes: ['filter-reject'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'three tiers: a router that has forgotten to forward',
    make: furthermore(threeTiers, 'inner', 'sysctl -qw net.ipv4.ip_forward=0'),
    asked: WEB_TO_DB,
    causes: ['ip-forward-off'],
    opens: 4,
    closes: 0,
  },
  {
    title: 'three tiers: a rule that drops a whole network',
    make: furthermore(threeTiers, 'inner', 'nft insert rule ip inner forward ip saddr 10.1.0.0/24 drop'),
    asked: WEB_TO_DB,
    causes: ['filter-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'three tiers: the only route back is by a gateway that nobody has',
    make: furthermore(threeTiers, 'db', 'ip route replace default via 10.2.0.99'),
    asked: WEB_TO_DB,
    causes: ['gateway-unreachable'],
    opens: 4,
    closes: 0,
  },
  {
    title: 'behind NAT: published to an address that nobody has',
    make: furthermore(
      behindNat,
      'gw',
      'iptables -t nat -R PREROUTING 1 -d 203.0.113.1 -p tcp --dport 8080 -j DNAT --to 192.168.1.21:80',
    ),
    asked: FAR_TO_PUBLISHED,
    causes: ['dnat-elsewhere'],
    opens: 1,
    closes: 0,
  },
  {
    title: 'behind NAT: nobody masquerades any more',
    make: furthermore(
      behindNat,
      'gw',
      'iptables -t nat -R POSTROUTING 1 -s 192.168.2.0/24 -o wan -j MASQUERADE',
    ),
    asked: PC_TO_FAR,
    causes: ['missing-masquerade'],
    opens: 4,
    closes: 0,
  },
  ...[0, 1, 2].map((fix): EffectsCase => ({
    title: `behind NAT: nobody masquerades at all, remedy ${fix}`,
    make: furthermore(behindNat, 'gw', 'iptables -t nat -F POSTROUTING'),
    asked: PC_TO_FAR,
    causes: ['no-return-route'],
    fix,
    opens: 2,
    closes: 0,
  })),
  {
    title: 'behind NAT: what is published is not let through',
    make: furthermore(behindNat, 'gw', 'iptables -D FORWARD -m conntrack --ctstate DNAT -j ACCEPT'),
    asked: FAR_TO_PUBLISHED,
    causes: ['policy-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'two uplinks: the second without a way out',
    make: furthermore(
      twoUplinks,
      'gw',
      'ip route del default via 172.16.2.1 table 200',
      'ip route add unreachable default table 200',
    ),
    asked: GUEST_TO_SITE,
    causes: ['blackhole-route'],
    opens: 1,
    closes: 0,
  },
  {
    title: 'two uplinks: guests are sent out by the wrong one',
    make: furthermore(twoUplinks, 'gw', 'ip rule del pref 1100', 'sysctl -qw net.ipv4.conf.u2.rp_filter=1'),
    asked: GUEST_TO_SITE,
    causes: ['rp-filter'],
    opens: 1,
    closes: 0,
  },
];

CASES.forEach(testEffects);
