import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askBoth, endText, traceText, type Question } from '../../support/ask-both.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

const FIREWALLS = ['iptables', 'iptables-legacy'] as const;

const tcp = (from: string, to: string, port: number): Question => ({
  from: `netns:${from}`,
  to,
  protocol: 'tcp',
  port,
});

async function agree(question: Question, there: string, back: string): Promise<void> {
  const both = await askBoth(question);
  expect(both.predicted.outcome, traceText(both)).toBe(both.probed.outcome);
  const ends = [both.trip.forward, both.trip.back].map((trace) => endText(both.snapshot, trace));
  expect(ends, traceText(both)).toEqual([there, back]);
}

type Case = readonly [
  name: string,
  where: string,
  commands: readonly string[],
  to: string,
  port: number,
  there: string,
  back: string,
];

/** red — fw — blue; blue listens on TCP 80 and UDP 7000, and knows only its own network unless a case says otherwise. */
describe('a firewall between two networks', () => {
  beforeEach(async () => {
    await net.namespaces('red', 'fw', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'fw/in 10.0.1.1/24');
    await net.wire('fw/out 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('fw', 'sysctl -qw net.ipv4.ip_forward=1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
    await net.listen('fw', { protocol: 'tcp', port: 8080 });
    await hasty(net, 'red', 'fw', 'blue');
  });
  const ROUTE_BACK = 'ip netns exec blue ip route add default via 10.0.2.1';

  const cases = (iptables: string): readonly Case[] => [
    [
      'masquerading, since blue knows no way back',
      'fw',
      [`${iptables} -t nat -A POSTROUTING -o out -j MASQUERADE`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'delivered at red',
    ],
    [
      'the same, and nobody listens',
      'fw',
      [`${iptables} -t nat -A POSTROUTING -o out -j MASQUERADE`],
      '10.0.2.2',
      81,
      'refused at blue',
      'delivered at red',
    ],
    ['no masquerading', 'fw', [], '10.0.2.2', 80, 'delivered at blue', 'no-route at blue'],
    [
      'masquerading for another network',
      'fw',
      [`${iptables} -t nat -A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'no-route at blue',
    ],
    [
      'a source that nobody has',
      'fw',
      [`${iptables} -t nat -A POSTROUTING -o out -j SNAT --to-source 10.0.2.99`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'neighbour-unresolved at blue',
    ],
    [
      'a published port',
      'fw',
      [
        ROUTE_BACK,
        `${iptables} -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 10.0.2.2:80`,
      ],
      '10.0.1.1',
      8081,
      'delivered at blue',
      'delivered at red',
    ],
    [
      'a published port that leads to nobody',
      'fw',
      [`${iptables} -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 10.0.2.9:80`],
      '10.0.1.1',
      8081,
      'neighbour-unresolved at fw',
      'nothing',
    ],
    [
      'a published port to the wrong port',
      'fw',
      [
        ROUTE_BACK,
        `${iptables} -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 10.0.2.2:81`,
      ],
      '10.0.1.1',
      8081,
      'refused at blue',
      'delivered at red',
    ],
    [
      'a redirected port',
      'fw',
      [`${iptables} -t nat -A PREROUTING -p tcp --dport 8081 -j REDIRECT --to-ports 8080`],
      '10.0.1.1',
      8081,
      'delivered at fw',
      'delivered at red',
    ],
    [
      'a redirected port of another machine',
      'fw',
      [`${iptables} -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080`],
      '10.0.2.2',
      80,
      'delivered at fw',
      'delivered at red',
    ],
    [
      'dropped on the way',
      'fw',
      [`${iptables} -A FORWARD -p tcp --dport 80 -j DROP`],
      '10.0.2.2',
      80,
      'dropped at fw',
      'nothing',
    ],
    [
      'rejected on the way',
      'fw',
      [`${iptables} -A FORWARD -p tcp --dport 80 -j REJECT`],
      '10.0.2.2',
      80,
      'rejected at fw',
      'delivered at red',
    ],
    [
      'rejected with a reset',
      'fw',
      [`${iptables} -A FORWARD -p tcp -j REJECT --reject-with tcp-reset`],
      '10.0.2.2',
      80,
      'rejected at fw',
      'delivered at red',
    ],
    [
      'rejected as prohibited',
      'fw',
      [`${iptables} -A FORWARD -j REJECT --reject-with icmp-admin-prohibited`],
      '10.0.2.2',
      80,
      'rejected at fw',
      'delivered at red',
    ],
    ['the policy drops', 'fw', [`${iptables} -P FORWARD DROP`], '10.0.2.2', 80, 'dropped at fw', 'nothing'],
    [
      'the policy drops, and a rule lets it through, one way only',
      'fw',
      [ROUTE_BACK, `${iptables} -P FORWARD DROP`, `${iptables} -A FORWARD -p tcp --dport 80 -j ACCEPT`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'dropped at fw',
    ],
    [
      'the policy drops, and rules let it through, both ways',
      'fw',
      [
        ROUTE_BACK,
        `${iptables} -P FORWARD DROP`,
        `${iptables} -A FORWARD -p tcp --dport 80 -j ACCEPT`,
        `${iptables} -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`,
      ],
      '10.0.2.2',
      80,
      'delivered at blue',
      'delivered at red',
    ],
    [
      'dropped where it arrives',
      'blue',
      [`${iptables} -A INPUT -p tcp --dport 80 -j DROP`],
      '10.0.2.2',
      80,
      'dropped at blue',
      'nothing',
    ],
    [
      'rejected where it arrives, and the answer finds no way',
      'blue',
      [`${iptables} -A INPUT -j REJECT`],
      '10.0.2.2',
      80,
      'rejected at blue',
      'no-route at blue',
    ],
    [
      'dropped before it leaves',
      'red',
      [`${iptables} -A OUTPUT -p tcp -j DROP`],
      '10.0.2.2',
      80,
      'dropped at red',
      'nothing',
    ],
    [
      'rejected before it leaves',
      'red',
      [`${iptables} -A OUTPUT -p tcp -j REJECT`],
      '10.0.2.2',
      80,
      'rejected at red',
      'delivered at red',
    ],
    [
      'the answer dropped where it is made',
      'blue',
      [ROUTE_BACK, `${iptables} -A OUTPUT -p tcp --sport 80 -j DROP`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'dropped at blue',
    ],
    [
      'the answer dropped where it arrives',
      'red',
      [ROUTE_BACK, `${iptables} -A INPUT -p tcp --sport 80 -j DROP`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'dropped at red',
    ],
    [
      'only what was asked for comes in',
      'red',
      [
        ROUTE_BACK,
        `${iptables} -P INPUT DROP`,
        `${iptables} -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT`,
      ],
      '10.0.2.2',
      80,
      'delivered at blue',
      'delivered at red',
    ],
    [
      'a destination rewritten where it is made',
      'red',
      [ROUTE_BACK, `${iptables} -t nat -A OUTPUT -d 10.99.0.1 -j DNAT --to-destination 10.0.2.2`],
      '10.99.0.1',
      80,
      'delivered at blue',
      'delivered at red',
    ],
    [
      'to itself, rewritten to another',
      'red',
      [
        ROUTE_BACK,
        `${iptables} -t nat -A OUTPUT -p tcp -d 10.0.1.2 --dport 8080 -j DNAT --to-destination 10.0.2.2:80`,
      ],
      '10.0.1.2',
      8080,
      'delivered at blue',
      'delivered at red',
    ],
    [
      'a mark leads it to another table',
      'red',
      [
        ROUTE_BACK,
        `${iptables} -t mangle -A OUTPUT -p tcp --dport 80 -j MARK --set-mark 7`,
        'ip rule add fwmark 7 lookup 100',
        'ip route add blackhole default table 100',
      ],
      '10.0.2.2',
      80,
      'blackhole at red',
      'nothing',
    ],
    [
      'a mark at a router leads it to another table',
      'fw',
      [
        `${iptables} -t mangle -A PREROUTING -p tcp --dport 80 -j MARK --set-mark 7`,
        'ip rule add fwmark 7 lookup 100',
        'ip route add prohibit default table 100',
      ],
      '10.0.2.2',
      80,
      'prohibited at fw',
      'nothing',
    ],
    [
      'untracked, and so not masqueraded',
      'fw',
      [
        `${iptables} -t raw -A PREROUTING -p tcp -j NOTRACK`,
        `${iptables} -t nat -A POSTROUTING -o out -j MASQUERADE`,
      ],
      '10.0.2.2',
      80,
      'delivered at blue',
      'no-route at blue',
    ],
    [
      'what conntrack does not know is dropped',
      'fw',
      [ROUTE_BACK, `${iptables} -A FORWARD -m conntrack --ctstate INVALID -j DROP`],
      '10.0.2.2',
      80,
      'delivered at blue',
      'delivered at red',
    ],
  ];

  describe.each(FIREWALLS)('%s', (iptables) => {
    it.each<Case>(cases(iptables))('%s', async (_, where, commands, to, port, there, back) => {
      await disturb(net, where, commands);
      await agree(tcp('red', to, port), there, back);
    });
  });

  it.each<readonly [string, Question['protocol'], string, string]>([
    ['drop', 'udp', 'dropped at red', 'nothing'],
    ['drop', 'icmp', 'dropped at red', 'nothing'],
    ['reject', 'udp', 'rejected at red', 'delivered at red'],
    ['reject', 'icmp', 'rejected at red', 'delivered at red'],
  ])('nft: output %s of %s fails at once', async (verdict, protocol, there, back) => {
    await net.run(
      'red',
      'nft -f -',
      `table inet t { chain o { type filter hook output priority 0; ip daddr 10.0.2.2 ${verdict}; }; }`,
    );
    await agree(
      { from: 'netns:red', to: '10.0.2.2', protocol, ...(protocol === 'udp' ? { port: 7000 } : {}) },
      there,
      back,
    );
  });

  it('an ICMP error about a translated packet finds its way back', async () => {
    await net.run('fw', 'iptables -t nat -A POSTROUTING -o out -j MASQUERADE');
    await agree(
      { from: 'netns:red', to: '10.0.2.2', protocol: 'udp', port: 7001 },
      'refused at blue',
      'delivered at red',
    );
  });

  it('an answer that comes by another way than its question is no answer to a firewall that did not see it', async () => {
    // blue answers past fw, by a wire of its own.
    await net.wire('red/side 10.0.3.1/24', 'blue/side 10.0.3.2/24');
    await net.run('blue', 'ip route add 10.0.1.0/24 via 10.0.3.1');
    await net.run('blue', 'iptables -A OUTPUT -m conntrack --ctstate INVALID -j DROP');
    await hasty(net, 'red', 'blue');
    await agree(tcp('red', '10.0.2.2', 80), 'delivered at blue', 'delivered at red');
    await net.run('fw', 'iptables -t nat -A POSTROUTING -o out -j MASQUERADE');
    await agree(tcp('red', '10.0.2.2', 80), 'delivered at blue', 'delivered at red');
    await net.run('fw', 'iptables -t nat -F');
    await net.run(
      'fw',
      'iptables -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 10.0.2.2:80',
    );
    await agree(tcp('red', '10.0.1.1', 8081), 'delivered at blue', 'refused at red');
  });
});

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
