import { afterEach, beforeEach, describe, it } from 'vitest';
import { agree, tcp } from '../../support/agree.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

/** As Docker lays it out: containers on bridges of the host, a published port, masquerading, isolation. */
describe('containers on bridges', () => {
  beforeEach(async () => {
    await net.namespaces('host1', 'web', 'db', 'other', 'lan');
    await net.wire('web/eth0 172.17.0.2/16', 'host1/vweb');
    await net.wire('db/eth0 172.17.0.3/16', 'host1/vdb');
    await net.wire('other/eth0 172.18.0.2/16', 'host1/vother');
    await net.bridge('host1/docker0 172.17.0.1/16', 'vweb', 'vdb');
    await net.bridge('host1/br-1 172.18.0.1/16', 'vother');
    await net.wire('lan/eth0 192.0.2.9/24', 'host1/eth0 192.0.2.1/24');
    for (const name of ['web', 'db']) await net.run(name, 'ip route add default via 172.17.0.1');
    await net.run('other', 'ip route add default via 172.18.0.1');
    await net.run('host1', 'sysctl -qw net.ipv4.ip_forward=1');
    const rules = [
      '-t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
      '-t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
      '-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
      '-t nat -A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp --dport 80 -j MASQUERADE',
      '-P FORWARD DROP',
      '-A FORWARD -i docker0 -o br-1 -j DROP',
      '-A FORWARD -i br-1 -o docker0 -j DROP',
      '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT',
      '-A FORWARD -i docker0 -j ACCEPT',
      '-A FORWARD -i br-1 ! -o br-1 -j ACCEPT',
    ];
    for (const rule of rules) await net.run('host1', `iptables ${rule}`);
    await net.listen('web', { protocol: 'tcp', port: 80 });
    await net.listen('lan', { protocol: 'tcp', port: 80 });
    await hasty(net, 'host1', 'web', 'db', 'other', 'lan');
  });

  const SHARED = {
    bridged: ['sysctl -qw net.bridge.bridge-nf-call-iptables=1'],
    routed: ['sysctl -qw net.bridge.bridge-nf-call-iptables=0'],
  };

  it.each<readonly [string, string, string, number, string, string, readonly string[]]>([
    ['its neighbour', 'db', '172.17.0.2', 80, 'delivered at web', 'delivered at db', SHARED.routed],
    [
      'its neighbour, through the rules of the IP stack',
      'db',
      '172.17.0.2',
      80,
      'delivered at web',
      'delivered at db',
      SHARED.bridged,
    ],
    ['the LAN, masqueraded', 'web', '192.0.2.9', 80, 'delivered at lan', 'delivered at web', []],
    [
      'the LAN from a network without masquerading',
      'other',
      '192.0.2.9',
      80,
      'delivered at lan',
      'no-route at lan',
      [],
    ],
    ['a container of another network', 'other', '172.17.0.2', 80, 'dropped at host1', 'nothing', []],
    ['a published port from the LAN', 'lan', '192.0.2.1', 8080, 'delivered at web', 'delivered at lan', []],
    [
      'a published port from the host',
      'host1',
      '192.0.2.1',
      8080,
      'delivered at web',
      'delivered at host1',
      [],
    ],
    [
      'a published port from its neighbour, not through the IP stack',
      'db',
      '172.17.0.1',
      8080,
      'delivered at web',
      'delivered at db',
      SHARED.bridged,
    ],
    [
      'a published port from the container itself',
      'web',
      '172.17.0.1',
      8080,
      'delivered at web',
      'delivered at web',
      SHARED.routed,
    ],
    [
      'a published port from the container itself without hairpin mode',
      'web',
      '172.17.0.1',
      8080,
      'filtered-source at host1',
      'nothing',
      SHARED.bridged,
    ],
    ['a published port of another network', 'other', '172.18.0.1', 8080, 'dropped at host1', 'nothing', []],
    ['the container straight from the LAN', 'lan', '172.17.0.2', 80, 'no-route at lan', 'nothing', []],
  ])('reaching %s', async (_, from, to, port, there, back, commands) => {
    await disturb(net, 'host1', commands);
    await agree(tcp(from, to, port), there, back);
  });

  it.each<readonly [string, readonly string[], string, string]>([
    [
      'bridged frames meet FORWARD',
      ['iptables -I FORWARD -i docker0 -o docker0 -j DROP', ...SHARED.bridged],
      'dropped at host1',
      'nothing',
    ],
    [
      'unless they are not handed over',
      ['iptables -I FORWARD -i docker0 -o docker0 -j DROP', ...SHARED.routed],
      'delivered at web',
      'delivered at db',
    ],
    [
      'with their ports',
      ['iptables -I FORWARD -m physdev --physdev-in vdb --physdev-out vweb -j REJECT', ...SHARED.bridged],
      'rejected at host1',
      'delivered at db',
    ],
    [
      'a bridge firewall',
      [
        'nft add table bridge b',
        'nft add chain bridge b f { type filter hook forward priority 0 ; }',
        'nft add rule bridge b f ip daddr 172.17.0.2 tcp dport 80 drop',
      ],
      'dropped at host1',
      'nothing',
    ],
    [
      'a bridge firewall for another port',
      [
        'nft add table bridge b',
        'nft add chain bridge b f { type filter hook forward priority 0 ; }',
        'nft add rule bridge b f ip daddr 172.17.0.2 tcp dport 81 drop',
      ],
      'delivered at web',
      'delivered at db',
    ],
  ])('between neighbours: %s', async (_, commands, there, back) => {
    await disturb(net, 'host1', commands);
    await agree(tcp('db', '172.17.0.2', 80), there, back);
  });

  it.each<readonly [string, readonly string[], string]>([
    [
      'has the port that it came by',
      ['-I FORWARD -m physdev --physdev-in vweb -j REJECT'],
      'rejected at host1',
    ],
    ['has not the port of another', ['-I FORWARD -m physdev --physdev-in vdb -j REJECT'], 'delivered at lan'],
    ['leaves by no port', ['-I FORWARD -m physdev --physdev-is-bridged -j REJECT'], 'delivered at lan'],
    [
      'still has it where it is translated',
      ['-t mangle -A POSTROUTING -m physdev --physdev-is-in -j DROP'],
      'dropped at host1',
    ],
  ])('what a bridge gives to be routed %s', async (_, rules, there) => {
    await disturb(net, 'host1', [...SHARED.bridged, ...rules.map((rule) => `iptables ${rule}`)]);
    await agree(
      tcp('web', '192.0.2.9', 80),
      there,
      there.startsWith('dropped') ? 'nothing' : 'delivered at web',
    );
  });

  it('what comes from a port has none where frames are not handed over', async () => {
    const rule = 'iptables -I FORWARD -m physdev --physdev-in vweb -j REJECT';
    await disturb(net, 'host1', [...SHARED.routed, rule]);
    await agree(tcp('web', '192.0.2.9', 80), 'delivered at lan', 'delivered at web');
  });

  it.each([
    ['ingress', 'vdb', 'ip daddr 172.17.0.2 tcp dport 80 drop', 'dropped at host1'],
    ['ingress', 'vdb', 'ip daddr 172.17.0.2 tcp dport 81 drop', 'delivered at web'],
    ['ingress', 'docker0', 'ip daddr 172.17.0.2 tcp dport 80 drop', 'delivered at web'],
    ['egress', 'vweb', 'ip saddr 172.17.0.3 drop', 'dropped at host1'],
    ['egress', 'vdb', 'ip saddr 172.17.0.3 drop', 'delivered at web'],
  ] as const)('the rules of a device: %s of %s, %s', async (hook, dev, rule, there) => {
    const table = `table netdev d { chain c { type filter hook ${hook} device ${dev} priority 0;\n${rule}\n}\n}`;
    await net.run('host1', 'nft -f -', table);
    await agree(
      tcp('db', '172.17.0.2', 80),
      there,
      there === 'delivered at web' ? 'delivered at db' : 'nothing',
    );
  });

  it('a published port on localhost needs route_localnet and a source that the container can answer', async () => {
    await net.run(
      'host1',
      'iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    );
    await agree(tcp('host1', '127.0.0.1', 8080), 'blackhole at host1', 'nothing');
    await net.run('host1', 'sysctl -qw net.ipv4.conf.docker0.route_localnet=1');
    await agree(tcp('host1', '127.0.0.1', 8080), 'filtered-source at web', 'nothing');
    await net.run(
      'host1',
      'iptables -t nat -A POSTROUTING -o docker0 -m addrtype --src-type LOCAL -j MASQUERADE',
    );
    await agree(tcp('host1', '127.0.0.1', 8080), 'delivered at web', 'delivered at host1');
  });
});
