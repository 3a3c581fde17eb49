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

  it('what makes another’s frame of it, or answers in another’s place, is a doubt that says so', async () => {
    await net.run(
      'host1',
      'ebtables-nft -t nat -A PREROUTING -p ARP --arp-op Request --arp-ip-dst 172.17.0.9 -j arpreply --arpreply-mac 02:00:00:00:00:09',
    );
    await net.run('host1', 'ebtables-nft -A FORWARD -p IPv4 --ip-src 172.17.9.9 --limit 3/s -j ACCEPT');
    expect(await guessed()).toEqual(['-j arpreply --arpreply-mac 02:00:00:00:00:09', '--limit 3/sec']);
    await agree(tcp('db', '172.17.0.2', 80), ...PASSED);
  });
});

/** Words of a rule, of which one may be quoted. */
const wordsOf = (rule: string): readonly string[] =>
  (rule.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
