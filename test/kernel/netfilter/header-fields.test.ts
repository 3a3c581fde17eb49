import { afterAll, beforeAll, test } from 'vitest';
import { FAMILIES } from './arena/addresses.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectCertain } from './compare.ts';
import { iptablesAt, nftAt } from './rules-at.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

test.each<[string, 4 | 6, string]>([
  [
    'IPsec, of which there is none',
    4,
    'meta ipsec exists drop\nmeta ipsec missing udp dport 80 drop\nipsec in reqid 1 drop',
  ],
  [
    'the route to an end of it',
    4,
    'fib daddr oif exists tcp dport 80 drop\nfib saddr oif missing udp dport 8080 drop',
  ],
  [
    'the device of a route',
    6,
    'fib daddr oifname "r1" udp dport 80 drop\nfib saddr oifname "r0" tcp dport 81 drop',
  ],
])('%s (IPv%i): %s', async (_name, family, rules) => {
  await expectCertain(arena, 'nft', family, nftAt(['input', 'forward'], rules));
});

test.each<[string, 4 | 6, string]>([
  [
    'where it goes next',
    4,
    `rt ip nexthop ${FAMILIES[4].right[0]} drop\nrt ip nexthop != ${FAMILIES[4].right[1]} accept\ndrop`,
  ],
  ['the same for IPv6', 6, `rt ip6 nexthop ${FAMILIES[6].right[0]} drop`],
  ['what fits its way', 4, 'rt mtu 1460 tcp dport 80 drop\nrt mtu > 1460 drop'],
  ['a way without IPsec', 4, 'rt ipsec exists drop\nrt ipsec missing udp dport 80 drop'],
])('%s (IPv%i): %s', async (_name, family, rules) => {
  await expectCertain(arena, 'nft', family, nftAt(['forward', 'output'], rules));
});

/** What iptables asks. */
test.each<[string, readonly string[]]>([
  [
    'packets of a connection',
    ['-p tcp -m connbytes --connbytes 1 --connbytes-dir original --connbytes-mode packets -j DROP'],
  ],
  [
    'none of them back',
    ['-p udp -m connbytes --connbytes 1 --connbytes-dir reply --connbytes-mode packets -j DROP'],
  ],
  [
    'its bytes',
    [
      '-m connbytes --connbytes 0:38 --connbytes-dir both --connbytes-mode bytes -j DROP',
      '-m connbytes ! --connbytes 60:60 --connbytes-dir both --connbytes-mode avgpkt -j DROP',
    ],
  ],
  ['a helper', ['-m helper --helper ftp -j DROP', '-p udp -m helper ! --helper ftp -j DROP']],
  [
    'segments',
    [
      '-p tcp --syn -m tcpmss --mss 0:1459 -j DROP',
      '-p tcp --syn -m tcpmss --mss 1460 -m tcp --dport 80 -j DROP',
    ],
  ],
  [
    'congestion',
    ['-p tcp -m ecn --ecn-tcp-cwr -j DROP', '-p tcp -m ecn ! --ecn-tcp-ece -m tcp --dport 80 -j DROP'],
  ],
  ['a part of an address', ['-s 0.0.0.1/0.0.0.255 -p tcp -j DROP', '! -d 10.0.0.1/255.0.0.255 -j DROP']],
  [
    'assurance',
    ['-m conntrack --ctstatus ASSURED -j DROP', '-p udp -m conntrack ! --ctstatus ASSURED -j DROP'],
  ],
])('iptables: %s', async (_name, rules) => {
  await expectCertain(arena, 'iptables-nft', 4, iptablesAt(rules));
});

/** Rules about parts of a packet that no name of its own stands for in the model: the answer is certain all the same. */
test.each<[string, 4 | 6, string]>([
  ['a mask picks bits of an address', 4, 'ip saddr & 0.0.0.1 == 0.0.0.1 drop'],
  ['a mask, negated', 4, 'ip daddr & 0.0.0.3 != 0.0.0.2 udp dport 80 drop'],
  ['a mask and a set of what is left', 4, 'ip saddr & 0.0.0.3 { 0.0.0.1, 0.0.0.3 } drop'],
  [
    'a hash of what the packet does not have',
    6,
    'tcp dport 80 jhash ip saddr . tcp sport mod 2 vmap { 0 : accept, 1 : accept }\ndrop',
  ],
  [
    'a hash of which every part leads to the same end',
    4,
    'jhash ip saddr . tcp sport mod 2 vmap { 0 : accept, 1 : accept }\ndrop',
  ],
  [
    'the end of an address, whatever the prefix',
    6,
    'ip6 saddr & ::ffff:ffff == ::1 drop\nip6 daddr & ::ff != ::2 udp dport 80 drop',
  ],
  ['ends of addresses', 6, 'ip6 daddr & ::ffff:ffff { ::1, ::2 } udp dport 80 drop'],
  [
    'bits of a mark that decide',
    4,
    'meta mark set tcp dport map { 80 : 0x50, 81 : 0x51 }\nmeta mark & 0x0f vmap { 0 : drop, 1 : accept }',
  ],
  [
    'bits of a mark in an interval',
    4,
    'meta mark set udp dport map { 80 : 0x150, 8080 : 0x90 }\nmeta mark & 0xff > 100 drop\nmeta mark & 0xff 80-90 drop',
  ],
  ['bits beside an address', 4, 'meta mark set 0x1ff\nip saddr . meta mark & 0xff { 10.1.0.1 . 0xff } drop'],
  ['bytes of the network header', 4, '@nh,96,32 0x0a010001 drop'],
  ['bits of the network header', 4, '@nh,0,4 4 tcp dport 80 drop'],
  ['bytes of the IPv6 header', 6, '@nh,160,32 1 drop\n@nh,160,32 3 drop'],
  ['the length of a datagram', 4, 'udp length 18 drop\nudp length > 18 accept'],
  ['what follows the IPv6 header', 6, 'ip6 length 18 drop'],
  ['an urgent pointer', 4, 'tcp urgptr 0 tcp dport 80 drop'],
  ['fields of protocols that the packet is not of', 4, 'ah spi 1 drop\nesp spi 1 drop\ncomp cpi 1 drop'],
  ['headers that the packet does not have', 6, 'mh type 1 drop\nhbh nexthdr 6 drop\nfrag id != 5 drop'],
  [
    'options that the packet does not have',
    4,
    'ip option rr exists drop\nip option lsrr missing udp dport 80 drop',
  ],
  ['what comes by the loopback is confirmed', 4, 'ct status confirmed drop'],
  ['bits of the headers', 4, 'ip version 4 ip hdrlength 5 tcp doff 10 drop\nip hdrlength != 5 accept'],
  ['bits of the IPv6 header', 6, 'ip6 version 6 udp dport 80 drop\n@nh,2,4 3 drop'],
  [
    'bits that steps make something else of',
    4,
    'ip dscp & 0x30 == 0 udp dport 80 drop\nip ttl & 2 == 2 drop',
  ],
  [
    'a segment as large as its sender says',
    4,
    'tcp option maxseg size 1-1459 drop\ntcp option maxseg size 1460 accept',
  ],
  ['only a first segment says it', 6, 'tcp option maxseg exists drop\ntcp option maxseg missing accept'],
  [
    'what a device is',
    4,
    'meta iiftype loopback drop\nmeta oiftype ether tcp dport 80 drop\nmeta iiftype != ether drop',
  ],
  ['who made a device', 4, 'meta iifkind "veth" udp dport 80 drop\nmeta oifkind != "veth" drop'],
  [
    'groups of devices',
    4,
    'meta iifgroup default tcp dport 80 drop\nmeta oifgroup { 0, 5 } udp dport 8080 drop',
  ],
  [
    'no helper has announced it',
    4,
    'ct helper "ftp" drop\nct helper != "ftp" drop\nct l3proto ipv4 udp dport 80 drop',
  ],
  ['nobody has assured it', 4, 'ct status assured drop\nct original zone 0 udp dport 81 drop'],
  [
    'marks of several steps',
    4,
    'ct mark set 3\nmeta mark set ct mark | 4\nmeta mark & 6 == 6 udp dport 80 drop\nmeta mark ^ 7 == 0 drop',
  ],
  [
    'a mark of a connection that is not followed',
    4,
    'ct state untracked meta mark set ct mark accept\nudp dport 80 drop',
  ],
])('%s (IPv%i): %s', async (_name, family, rules) => {
  await expectCertain(arena, 'nft', family, nftAt(['input', 'forward', 'output'], rules));
});

/** What iptables asks of IPv6, in both backends. */
test.each<[string, readonly string[]]>([
  ['the end of an address', ['-s ::1/::ffff:ffff -p tcp -j DROP', '-p udp ! -d ::2/::ffff -j DROP']],
  [
    'headers before its own',
    ['-p tcp -m ipv6header --header prot -j DROP', '-m ipv6header --header hop-by-hop --soft -j DROP'],
  ],
  [
    'headers beside its own',
    [
      '-p udp --dport 80 -m ipv6header ! --header frag --soft -j DROP',
      '-m ipv6header --header prot,dst -j DROP',
    ],
  ],
])('ip6tables: %s', async (_name, rules) => {
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await expectCertain(arena, backend, 6, iptablesAt(rules));
  }
});

test.each<[string, readonly string[]]>([
  [
    'a way back by any device',
    ['-m rpfilter --loose -p tcp -j DROP', '-p udp --dport 80 -m rpfilter --loose --invert -j DROP'],
  ],
  [
    'with the mark',
    ['-p udp --dport 80 -m rpfilter --loose --validmark -j DROP', '-m rpfilter --validmark --invert -j DROP'],
  ],
])('iptables: %s', async (_name, rules) => {
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await expectCertain(arena, backend, 4, iptablesAt(rules, 'raw', ['PREROUTING']));
  }
});
