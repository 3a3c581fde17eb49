import type { Asked } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { testEffects, type EffectsCase } from './effects-case.ts';
import { furthermore } from './furthermore.ts';

/** Two bridges of a host that keeps them apart, as engines do it: a1 and a2, b1 and b2, and a machine outside. */
async function apart(net: TestNetwork): Promise<void> {
  await net.namespaces('node', 'a1', 'a2', 'b1', 'b2', 'out');
  await net.wire('node/eth0 192.0.2.1/24', 'out/eth0 192.0.2.9/24');
  for (const [side, at] of [
    ['a', 17],
    ['b', 18],
  ] as const) {
    await net.wire(`${side}1/eth0 172.${at}.0.2/16`, `node/v${side}1`);
    await net.wire(`${side}2/eth0 172.${at}.0.3/16`, `node/v${side}2`);
    await net.bridge(`node/br-${side} 172.${at}.0.1/16`, `v${side}1`, `v${side}2`);
    for (const one of [1, 2]) await net.run(`${side}${one}`, `ip route add default via 172.${at}.0.1`);
    await net.run('node', `iptables -t nat -A POSTROUTING -s 172.${at}.0.0/16 ! -o br-${side} -j MASQUERADE`);
    await net.listen(`${side}1`, { protocol: 'tcp', port: 80 });
    await net.listen(`${side}2`, { protocol: 'udp', port: 5000 });
  }
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1');
  await net.run(
    'node',
    'iptables-restore -n',
    `*filter
:FORWARD DROP
:STAGE-1 -
:STAGE-2 -
-A FORWARD -j STAGE-1
-A FORWARD -o br-a -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o br-b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i br-a ! -o br-a -j ACCEPT
-A FORWARD -i br-b ! -o br-b -j ACCEPT
-A FORWARD -i br-a -o br-a -j ACCEPT
-A FORWARD -i br-b -o br-b -j ACCEPT
-A FORWARD -o eth0 -j ACCEPT
-A STAGE-1 -i br-a ! -o br-a -j STAGE-2
-A STAGE-1 -i br-b ! -o br-b -j STAGE-2
-A STAGE-2 -o br-a -j DROP
-A STAGE-2 -o br-b -j DROP
COMMIT
`,
  );
  await net.listen('out', { protocol: 'tcp', port: 443 });
}

/** Two nodes with a bridge each, joined by a vxlan that learns nothing: every address is written. */
async function overlay(net: TestNetwork): Promise<void> {
  await net.namespaces('n1', 'n2', 'x1', 'y1', 'x2', 'y2');
  await net.wire('n1/eth0 192.168.0.1/24', 'n2/eth0 192.168.0.2/24');
  for (const at of [1, 2] as const) {
    const other = 3 - at;
    await net.run(
      `n${at}`,
      `ip link add vx0 type vxlan id 42 dstport 4789 local 192.168.0.${at} dev eth0 nolearning`,
    );
    await net.run(`n${at}`, 'ip link set vx0 up');
    await net.wire(`x${at}/eth0 10.5.0.${at}1/24`, `n${at}/vx`);
    await net.wire(`y${at}/eth0 10.5.0.${at}2/24`, `n${at}/vy`);
    await net.bridge(`n${at}/br0 10.5.0.${at}/24`, 'vx0', 'vx', 'vy');
    await net.run(`n${at}`, `bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.168.0.${other}`);
    for (const own of ['x', 'y']) await net.run(`${own}${at}`, 'ip link set eth0 mtu 1450');
    await net.listen(`x${at}`, { protocol: 'tcp', port: 80 });
    await net.listen(`y${at}`, { protocol: 'udp', port: 5000 });
  }
}

/** Three on one bridge whose frames the IP firewall and ebtables see. */
async function watched(net: TestNetwork): Promise<void> {
  await net.namespaces('sw', 'red', 'green', 'blue');
  for (const [name, at] of [
    ['red', 2],
    ['green', 3],
    ['blue', 4],
  ] as const)
    await net.wire(`${name}/eth0 10.0.0.${at}/24`, `sw/v${name}`);
  await net.bridge('sw/br0 10.0.0.1/24', 'vred', 'vgreen', 'vblue');
  await net.run('sw', 'sysctl -qw net.bridge.bridge-nf-call-iptables=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('green', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'udp', port: 5000 });
}

const A1_TO_B1: Asked = { from: 'netns:a1', to: '172.18.0.2:80' };
const A2_TO_A1: Asked = { from: 'netns:a2', to: '172.17.0.2:80' };
const A1_TO_OUT: Asked = { from: 'netns:a1', to: '192.0.2.9:443' };
const X1_TO_X2: Asked = { from: 'netns:x1', to: '10.5.0.21:80' };
const RED_TO_BLUE: Asked = { from: 'netns:red', to: '10.0.0.4:80' };

const CASES: readonly EffectsCase[] = [
  {
    title: 'two bridges apart: one is let through to the other, by one port',
    make: furthermore(apart, 'node'),
    asked: A1_TO_B1,
    causes: ['filter-drop', 'filter-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'two bridges apart: those on one bridge may not talk to each other',
    make: furthermore(apart, 'node', 'iptables -R FORWARD 6 -i br-a -o br-a -j DROP'),
    asked: A2_TO_A1,
    causes: ['bridge-firewalled'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'two bridges apart: one of them is not masqueraded',
    make: furthermore(apart, 'node', 'iptables -t nat -D POSTROUTING 1'),
    asked: A1_TO_OUT,
    causes: ['missing-masquerade'],
    opens: 3,
    closes: 0,
  },
  {
    title: 'two bridges apart: nobody is forwarded',
    make: furthermore(apart, 'node', 'sysctl -qw net.ipv4.ip_forward=0'),
    asked: A1_TO_OUT,
    causes: ['ip-forward-off'],
    opens: 3,
    closes: 0,
  },
  {
    title: 'two bridges apart: the wire of one has left its bridge',
    make: furthermore(apart, 'node', 'ip link set va1 nomaster'),
    asked: A2_TO_A1,
    causes: ['not-attached-to-bridge'],
    opens: 5,
    closes: 0,
  },
  {
    title: 'overlay: one end floods to nobody',
    make: furthermore(overlay, 'n1', 'bridge fdb del 00:00:00:00:00:00 dev vx0 dst 192.168.0.2'),
    asked: X1_TO_X2,
    causes: ['tunnel-fdb-missing'],
    opens: 10,
    closes: 0,
  },
  {
    title: 'overlay: one end floods to an address that nobody has',
    make: furthermore(
      overlay,
      'n1',
      'bridge fdb del 00:00:00:00:00:00 dev vx0 dst 192.168.0.2',
      'bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.168.0.77',
    ),
    asked: X1_TO_X2,
    causes: ['tunnel-peer-wrong'],
    opens: 10,
    closes: 0,
  },
  {
    title: 'overlay: the underlay drops what it carries',
    make: furthermore(overlay, 'n2', 'iptables -A INPUT -p udp --dport 4789 -j DROP'),
    asked: X1_TO_X2,
    causes: ['tunnel-port-blocked'],
    opens: 10,
    closes: 0,
  },
  {
    title: 'overlay: its number differs',
    make: furthermore(
      overlay,
      'n2',
      'ip link del vx0',
      'ip link add vx0 type vxlan id 43 dstport 4789 local 192.168.0.2 dev eth0 nolearning',
      'ip link set vx0 master br0 up',
      'bridge fdb append 00:00:00:00:00:00 dev vx0 dst 192.168.0.1',
    ),
    asked: X1_TO_X2,
    causes: ['tunnel-id-mismatch'],
    opens: 10,
    closes: 0,
    drawn: ['vx0'],
  },
  {
    title: 'watched bridge: the IP firewall drops what is bridged',
    make: furthermore(watched, 'sw', 'iptables -P FORWARD DROP', 'iptables -A FORWARD -p icmp -j ACCEPT'),
    asked: RED_TO_BLUE,
    causes: ['bridge-firewalled'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'watched bridge: ebtables drops what a port sends',
    make: furthermore(watched, 'sw', 'ebtables -A FORWARD -i vred -p IPv4 -j DROP'),
    asked: RED_TO_BLUE,
    causes: ['filter-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'watched bridge: ebtables drops questions for neighbours',
    make: furthermore(watched, 'sw', 'ebtables -A FORWARD -i vred -p ARP -j DROP'),
    asked: RED_TO_BLUE,
    causes: ['arp-filtered'],
    opens: 1,
    closes: 0,
  },
  {
    title: 'watched bridge: two isolated ports',
    make: furthermore(
      watched,
      'sw',
      'bridge link set dev vred isolated on',
      'bridge link set dev vblue isolated on',
      'bridge link set dev vgreen isolated on',
    ),
    asked: RED_TO_BLUE,
    causes: ['bridge-port-blocked'],
    opens: 3,
    closes: 0,
  },
];

CASES.forEach(testEffects);
