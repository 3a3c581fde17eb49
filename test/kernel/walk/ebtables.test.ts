import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { agree, tcp } from '../../support/agree.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('host1', 'web', 'db');
  await net.wire('web/eth0 172.17.0.2/16', 'host1/vweb');
  await net.wire('db/eth0 172.17.0.3/16', 'host1/vdb');
  await net.bridge('host1/br0 172.17.0.1/16', 'vweb', 'vdb');
  await net.run('host1', 'sysctl -qw net.bridge.bridge-nf-call-iptables=0');
  await net.listen('web', { protocol: 'tcp', port: 80 });
  await hasty(net, 'host1', 'web', 'db');
});
afterEach(() => net.close());

/** What of the rules is not understood, in words. */
async function guessed(): Promise<readonly string[]> {
  const source = createLiveSource(openMachine());
  const found = await source.discover();
  const host1 = found.namespaces.find(({ names }) =>
    names.some((name) => name.type === 'netns' && name.name === 'host1'),
  );
  const namespace = host1?.id ?? '';
  const { namespaces } = await source.read(found, [{ namespace, fact: 'ruleset' }]);
  const ruleset = namespaces.find(({ id }) => id === namespace)?.facts.ruleset;
  if (ruleset?.state !== 'known') throw new Error('The rules of host1 could not be read.');
  return ruleset.value.tables
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .flatMap(({ parts }) => parts)
    .flatMap((part) => (part.type === 'unmodelled' ? [part.text] : []));
}

const DROPPED = ['dropped at host1', 'nothing'] as const;
const PASSED = ['delivered at web', 'delivered at db'] as const;

describe('what ebtables does with a frame on a bridge is known beforehand', () => {
  it.each<readonly [readonly string[], readonly [string, string]]>([
    [['-p IPv4 --ip-proto tcp --ip-dport 80:90 -j DROP'], DROPPED],
    [['-p IPv4 --ip-proto tcp --ip-dport 81:90 -j DROP'], PASSED],
    [['-p IPv4 --ip-proto ! tcp -j DROP'], PASSED],
    [['-p IPv4 --ip-src 172.17.0.3 --ip-dst 172.17.0.0/24 -j DROP'], DROPPED],
    [['-p IPv4 --ip-src ! 172.17.0.3 -j DROP'], ['delivered at web', 'dropped at host1']],
    [['-p IPv4 --ip-proto icmp --ip-icmp-type echo-request -j DROP'], PASSED],
    [['-p IPv4 --ip-tos 0x10 -j DROP'], PASSED],
    [['-p IPv6 --ip6-proto tcp --ip6-dport 80 -j DROP'], PASSED],
    [['-p IPv6 --ip6-proto ipv6-icmp --ip6-icmp-type echo-request -j DROP'], PASSED],
    [['-p ARP --arp-op Request --arp-ip-dst 172.17.0.9 -j DROP'], PASSED],
    [['-p ARP --arp-gratuitous -j DROP'], PASSED],
    [['-p ARP --arp-htype 1 --arp-ptype 0x800 --arp-ip-src 10.0.0.0/8 -j DROP'], PASSED],
    [['-j mark --mark-set 0x5 --mark-target CONTINUE', '--mark 0x5 -j DROP'], DROPPED],
    [['-j mark --mark-or 0x6 --mark-target CONTINUE', '--mark 0x2/0x2 -j DROP'], DROPPED],
    [['-j mark --mark-set 0x5 --mark-target CONTINUE', '--mark ! 0x5 -j DROP'], PASSED],
    [['-j mark --mark-set 0x5 --mark-target ACCEPT', '-p IPv4 -j DROP'], PASSED],
    [['-p IPv4 --pkttype-type multicast -j DROP'], PASSED],
    [['-p IPv4 --pkttype-type otherhost -j DROP'], DROPPED],
    [['-p IPv4 --pkttype-type host -j DROP'], PASSED],
    [['-p IPv4 -d Multicast -j DROP'], PASSED],
    [['-p IPv4 -d Unicast -j DROP'], DROPPED],
    [['-p IPv4 -s 06:00:00:00:00:00/ff:ff:ff:00:00:00 -j DROP'], PASSED],
    [['-p IPv4 -s ! 06:00:00:00:00:00/ff:ff:ff:00:00:00 -j DROP'], DROPPED],
    [['-p IPv4 -d ! Broadcast -j DROP'], DROPPED],
    [['-d BGA --stp-type config -j DROP'], PASSED],
    [['-p LENGTH --802_3-sap 0x42 -j DROP'], PASSED],
    [['-p 802_1Q -j DROP'], PASSED],
    [['--among-src 02:00:00:00:99:01 -j DROP'], PASSED],
    [['-i vdb -o vweb -p IPv4 -j DROP'], DROPPED],
    [['-i vweb -p IPv4 --ip-proto tcp --ip-sport 81 -j DROP'], PASSED],
    [
      ['--log --log-prefix "a -j DROP" -j CONTINUE', '-p IPv4 --ip-proto tcp -j RETURN', '-p IPv4 -j DROP'],
      PASSED,
    ],
    [['-p 0x88cc -j DROP'], PASSED],
  ])('%j', async (rules, [there, back]) => {
    for (const rule of rules) await net.run('host1', ['ebtables-nft', '-A', 'FORWARD', ...wordsOf(rule)]);
    expect(await guessed()).toEqual([]);
    await agree(tcp('db', '172.17.0.2', 80), there, back);
  });

  it('in chains of its own', async () => {
    await net.run('host1', 'ebtables-nft -N own');
    await net.run('host1', 'ebtables-nft -P own RETURN');
    await net.run('host1', 'ebtables-nft -A FORWARD -j own');
    await net.run('host1', 'ebtables-nft -A own -p IPv4 --ip-proto udp -j RETURN');
    await net.run('host1', 'ebtables-nft -A own -p IPv4 --ip-src 172.17.0.3 -j DROP');
    expect(await guessed()).toEqual([]);
    await agree(tcp('db', '172.17.0.2', 80), ...DROPPED);
  });

  it('a limit that may be used up is a doubt that says so', async () => {
    await net.run('host1', 'ebtables-nft -A FORWARD -p IPv4 --ip-src 172.17.9.9 --limit 3/s -j ACCEPT');
    expect(await guessed()).toEqual(['--limit 3/sec']);
    await agree(tcp('db', '172.17.0.2', 80), ...PASSED);
  });
});

describe('ebtables makes another’s frame of it', () => {
  beforeEach(async () => {
    await net.namespaces('other');
    await net.wire('other/eth0 172.17.0.4/16', 'host1/vother');
    await net.run('host1', 'ip link set vother master br0');
    await net.run('web', 'ip link set eth0 address 02:00:00:00:00:0a');
    await net.run('db', 'ip link set eth0 address 02:00:00:00:00:0b');
    await net.run('other', 'ip link set eth0 address 02:00:00:00:00:0c');
    await net.listen('host1', { protocol: 'tcp', port: 81 });
    await hasty(net, 'host1', 'web', 'db', 'other');
  });

  it.each<readonly [string, readonly string[], string, number, readonly [string, string]]>([
    [
      'to a station without the address',
      ['-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.2 -j dnat --to-dst 02:00:00:00:00:0c'],
      '172.17.0.2',
      80,
      ['not-forwarded at other', 'nothing'],
    ],
    [
      'to the one that has it',
      ['-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.2 -j dnat --to-dst 02:00:00:00:00:0a'],
      '172.17.0.2',
      80,
      ['delivered at web', 'delivered at db'],
    ],
    [
      'to nobody',
      ['-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.2 -j dnat --to-dst 02:00:00:00:00:0d'],
      '172.17.0.2',
      80,
      ['neighbour-unresolved at host1', 'nothing'],
    ],
    [
      'to nobody, unless a rule has accepted it',
      [
        '-t nat -A PREROUTING -p IPv4 --ip-src 172.17.0.3 -j ACCEPT',
        '-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.2 -j dnat --to-dst 02:00:00:00:00:0d',
      ],
      '172.17.0.2',
      80,
      ['delivered at web', 'delivered at db'],
    ],
    [
      'and drops it',
      [
        '-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.2 -j dnat --to-dst 02:00:00:00:00:0a --dnat-target DROP',
      ],
      '172.17.0.2',
      80,
      ['dropped at host1', 'nothing'],
    ],
    [
      'so that a later rule sees the new address',
      [
        '-t nat -A PREROUTING -p IPv4 --ip-src 172.17.0.3 -j dnat --to-dst 02:00:00:00:00:0a --dnat-target ACCEPT',
        '-A FORWARD -d 02:00:00:00:00:0a -p IPv4 -j DROP',
      ],
      '172.17.0.2',
      80,
      ['dropped at host1', 'nothing'],
    ],
    [
      'that only the bridge itself takes',
      ['-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.2 -j redirect'],
      '172.17.0.2',
      80,
      ['not-forwarded at host1', 'nothing'],
    ],
    [
      'with another sender',
      ['-t nat -A POSTROUTING -p IPv4 -s 02:00:00:00:00:0b -j snat --to-src 02:00:00:00:00:0d'],
      '172.17.0.2',
      80,
      ['delivered at web', 'delivered at db'],
    ],
    [
      'for the bridge, which is not the one',
      ['-t nat -A PREROUTING -p IPv4 --ip-dst 172.17.0.1 -j dnat --to-dst 02:00:00:00:00:0c'],
      '172.17.0.1',
      81,
      ['not-forwarded at other', 'nothing'],
    ],
    [
      'and so do later rules about the sender',
      [
        '-t nat -A PREROUTING -p IPv4 -s 02:00:00:00:00:0b -j ACCEPT',
        '-A FORWARD -s 02:00:00:00:00:0b -p IPv4 -j DROP',
      ],
      '172.17.0.2',
      80,
      ['dropped at host1', 'nothing'],
    ],
  ])('%s', async (_, rules, to, port, [there, back]) => {
    for (const rule of rules) await net.run('host1', ['ebtables-nft', ...rule.split(' ')]);
    expect(await guessed()).toEqual([]);
    await agree(tcp('db', to, port), there, back);
  });

  it.each<readonly [string, readonly string[], readonly [string, string]]>([
    [
      'ether daddr set',
      ['ip daddr 172.17.0.2 ether daddr set 02:00:00:00:00:0c'],
      ['not-forwarded at other', 'nothing'],
    ],
    [
      'whose frame it counts as stays what it was',
      ['ip daddr 172.17.0.2 ether daddr set BRIDGE'],
      ['filtered-source at host1', 'nothing'],
    ],
    [
      'and is told',
      ['ip daddr 172.17.0.2 ether daddr set BRIDGE meta pkttype set host'],
      ['not-forwarded at host1', 'nothing'],
    ],
    ['and asked', ['meta pkttype other ip daddr 172.17.0.2 drop'], ['dropped at host1', 'nothing']],
    [
      'and asked of another',
      ['meta pkttype host ip daddr 172.17.0.2 drop'],
      ['delivered at web', 'delivered at db'],
    ],
  ])('nft: %s', async (_, rules, [there, back]) => {
    const bridge = /ether (\S+)/.exec(await net.run('host1', 'ip link show dev br0'))?.[1] ?? '';
    await net.run(
      'host1',
      'nft -f -',
      `table bridge t { chain c { type filter hook prerouting priority -300; ${rules.join('; ').replaceAll('BRIDGE', bridge)}; }; }`,
    );
    expect(await guessed()).toEqual([]);
    await agree(tcp('db', '172.17.0.2', 80), there, back);
  });
});

describe('ebtables speaks in another’s place', () => {
  beforeEach(async () => {
    await net.run('web', 'ip link set eth0 address 02:00:00:00:00:0a');
    await net.run('db', 'ip link set eth0 address 02:00:00:00:00:0b');
    await hasty(net, 'host1', 'web', 'db');
  });
  const ARPREPLY = '-t nat -A PREROUTING -p ARP --arp-op Request';

  it.each<readonly [string, readonly string[], string, readonly [string, string]]>([
    [
      'for nobody, whom it sends to nobody',
      [`${ARPREPLY} --arp-ip-dst 172.17.0.9 -j arpreply --arpreply-mac 02:00:00:00:00:09`],
      '172.17.0.9',
      ['neighbour-unresolved at host1', 'nothing'],
    ],
    [
      'for another address of who has it',
      [
        'web ip addr add 172.17.0.9/32 dev eth0',
        'web sysctl -qw net.ipv4.conf.all.arp_ignore=8',
        `${ARPREPLY} --arp-ip-src 172.17.0.3 -j arpreply --arpreply-mac 02:00:00:00:00:0a`,
      ],
      '172.17.0.9',
      ['delivered at web', 'delivered at db'],
    ],
    [
      'wrongly, for one who is there',
      [`${ARPREPLY} --arp-ip-dst 172.17.0.2 -j arpreply --arpreply-mac 02:00:00:00:00:09`],
      '172.17.0.2',
      ['neighbour-unresolved at host1', 'nothing'],
    ],
    [
      'before the one who is there does',
      [
        `${ARPREPLY} --arp-ip-dst 172.17.0.2 -j arpreply --arpreply-mac 02:00:00:00:00:09 --arpreply-target ACCEPT`,
      ],
      '172.17.0.2',
      ['neighbour-unresolved at host1', 'nothing'],
    ],
    [
      'for somebody else',
      [`${ARPREPLY} --arp-ip-dst 172.17.0.77 -j arpreply --arpreply-mac 02:00:00:00:00:09`],
      '172.17.0.2',
      ['delivered at web', 'delivered at db'],
    ],
    [
      'with a sender that rules write into the answer',
      ['-t nat -A POSTROUTING -p ARP -s 02:00:00:00:00:0a -j snat --to-src 02:00:00:00:00:0d --snat-arp'],
      '172.17.0.2',
      ['neighbour-unresolved at host1', 'nothing'],
    ],
    [
      'with a sender that rules write into the answer, and give back',
      [
        '-t nat -A POSTROUTING -p ARP -s 02:00:00:00:00:0a -j snat --to-src 02:00:00:00:00:0d --snat-arp',
        '-t nat -A PREROUTING -d 02:00:00:00:00:0d -j dnat --to-dst 02:00:00:00:00:0a',
      ],
      '172.17.0.2',
      ['delivered at web', 'delivered at db'],
    ],
  ])('%s', async (_, steps, to, [there, back]) => {
    for (const step of steps)
      if (step.startsWith('web ')) await net.run('web', step.slice(4));
      else await net.run('host1', ['ebtables-nft', ...step.split(' ')]);
    expect(await guessed()).toEqual([]);
    await agree(tcp('db', to, 80), there, back);
  });
});

/** Words of a rule, of which one may be quoted. */
const wordsOf = (rule: string): readonly string[] =>
  (rule.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
