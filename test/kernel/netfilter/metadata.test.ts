import { afterAll, beforeAll, test } from 'vitest';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectCertain } from './compare.ts';
import { iptablesAt, nftAt } from './rules-at.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

/** Where a packet to, from or through the router was routed. */
const AFTER_ROUTING = ['input', 'forward', 'output'];

/** What the machine knows of a packet beside what is in it: each with a value that fits, one that does not, and negated. */
test.each<[string, 4 | 6, readonly string[]]>([
  ['a priority, unset', 4, ['meta priority 0:0 tcp dport 80 drop', 'meta priority 1:1 drop']],
  ['a priority by its name', 6, ['meta priority none udp dport 80 drop', 'meta priority root drop']],
  ['no priority', 4, ['meta priority != 0:0 drop']],
  [
    'a priority that a rule has set',
    4,
    ['meta priority set 1:2', 'meta priority 1:2 udp dport 80 drop', 'meta priority != 1:2 drop'],
  ],
  [
    'a priority out of a map',
    6,
    ['meta priority set tcp dport map { 80 : 1:2, 81 : 1:a }', 'meta priority { 1:a, 2:1 } drop'],
  ],
  ['no realm', 4, ['meta rtclassid 5 drop', 'rt classid != 7 udp dport 80 drop']],
  ['no realm at all', 4, ['meta rtclassid cosmos udp dport 80 drop']],
  ['every route of IPv6 is of realm 0', 6, ['rt classid 7 drop', 'udp dport 80 meta rtclassid 0 drop']],
  ['no label', 4, ['ct label 5 drop', 'ct label != 5 udp dport 80 drop']],
  ['a label', 4, ['ct label set 5', 'ct label 5 tcp dport 80 drop', 'ct label 7 drop']],
  ['this label alone', 4, ['ct label set 5', 'ct label != 5 drop']],
  [
    'labels are added to others',
    6,
    ['ct label set 5', 'tcp dport 80 ct label set 7', 'ct label != 5 drop', 'ct label 7 drop'],
  ],
  ['the whole day', 4, ['meta hour "00:00"-"23:59:59" tcp dport 80 drop']],
  [
    'not in the whole day',
    4,
    ['meta hour != "00:00"-"23:59:59" drop', 'meta hour >= "00:00" udp dport 80 drop'],
  ],
  ['since years', 6, ['meta time > "2020-01-01 00:00:00" udp dport 8080 drop']],
  ['years ago', 4, ['meta time "2020-01-01 00:00:00"-"2020-02-02 00:00:00" drop']],
  ['packets so far', 4, ['ct packets 1 tcp dport 80 drop', 'ct original packets != 1 drop']],
  ['bytes so far', 4, ['ct bytes > 50 drop', 'ct original bytes 38 udp dport 80 drop']],
  ['bytes of answers so far', 6, ['ct reply bytes 0 udp dport 80 drop', 'ct reply packets > 0 drop']],
  ['bytes a packet', 4, ['ct avgpkt 38 drop', 'ct reply avgpkt 0 tcp dport 80 drop']],
  ['fewer connections than that', 4, ['ct count over 1000 drop', 'udp dport 80 ct count 1000 drop']],
  ['options of a SYN', 4, ['tcp option sack-perm exists tcp dport 80 drop', 'tcp option sack exists drop']],
  [
    'options that none has',
    4,
    ['tcp option md5sig exists drop', 'tcp option mptcp exists drop', 'tcp option 42 exists drop'],
  ],
  [
    'what is no TCP has no option',
    6,
    ['udp dport 80 tcp option timestamp missing drop', 'tcp option eol missing udp dport 8080 drop'],
  ],
  [
    'a field of no option',
    4,
    [
      'tcp option sack1 left 5 drop',
      'tcp option fastopen length != 2 drop',
      'tcp option mptcp subtype 1 drop',
    ],
  ],
  [
    'how long an option is',
    4,
    [
      'tcp option maxseg length 4 tcp dport 81 drop',
      'tcp option @8,8,8 9 drop',
      'tcp option window length != 3 drop',
    ],
  ],
  ['what fills up', 6, ['tcp option nop exists tcp dport 80 drop', 'tcp option eol exists drop']],
  [
    'an option that a rule has taken out',
    4,
    [
      'reset tcp option timestamp',
      'tcp option timestamp exists drop',
      'tcp option nop missing drop',
      'tcp option sack-perm exists tcp dport 80 drop',
    ],
  ],
  [
    'where options begin',
    4,
    ['@th,160,32 0x020405b4 tcp dport 80 drop', '@th,192,32 0x0402080a tcp dport 81 drop'],
  ],
  [
    'one of two labels',
    4,
    ['ct label set 1', 'ct label & (1|2) == 1 tcp dport 80 drop', 'ct label & (1|2) != 1 drop'],
  ],
  [
    'none of these labels',
    4,
    ['udp dport 80 ct label set 2', 'ct label & 4 == 4 drop', 'ct label & 2 == 2 drop'],
  ],
  [
    'both labels',
    6,
    [
      'ct label set 1',
      'tcp dport 80 ct label set 2',
      'ct label 1|2 udp dport 80 drop',
      'ct label == 1|2 drop',
    ],
  ],
  ['no status yet', 4, ['ct status == confirmed drop', 'ct status != dnat tcp dport 80 drop']],
  [
    'no status at all',
    4,
    [
      'ct status 0 drop',
      'ct status == 0 tcp dport 80 drop',
      'ct status 0x120 drop',
      'ct status ! 0x10,dnat udp dport 80 drop',
    ],
  ],
  [
    'status under a mask',
    4,
    ['ct status & (dnat | snat) == dnat drop', 'ct status & (confirmed | dnat) == 0 udp dport 80 drop'],
  ],
  [
    'status out of a set',
    4,
    ['ct status { dnat, confirmed } drop', 'ct status vmap { 0 : drop, snat : accept }'],
  ],
  [
    'states under a mask',
    4,
    ['ct state & (new|established) == new tcp dport 80 drop', 'ct state & (new|related) != new drop'],
  ],
  [
    'a state is never two',
    6,
    ['ct state == (new | established) drop', 'ct state != (new | established) udp dport 80 drop'],
  ],
  [
    'a helper is a status',
    4,
    ['ct status & 0x2000 == 0x2000 drop', 'ct status & 0x2008 == 0 tcp dport 80 drop'],
  ],
  ['any connection', 6, ['udp dport 80 ct count over 0 drop', 'ct count over 5000 drop']],
  ['a hash of an address', 4, ['jhash ip saddr mod 4 seed 0xdeadbeef { 0, 2 } drop']],
  ['a hash of several fields', 4, ['jhash ip saddr . ip daddr . udp dport mod 3 seed 0x1 vmap { 0 : drop }']],
  ['a hash of a port', 4, ['jhash udp dport mod 5 seed 0x7 { 0, 1, 3 } drop']],
  ['a hash of a mark', 6, ['meta mark set 77', 'jhash meta mark mod 2 seed 0x7 1 drop']],
  ['a hash of IPv6', 6, ['jhash ip6 saddr . ip6 daddr mod 5 seed 0x9 offset 10 { 11, 13 } drop']],
  ['a hash of the protocol', 4, ['jhash meta l4proto mod 5 seed 0x3 { 0, 1, 3 } drop']],
  ['a mark from a hash', 4, ['meta mark set jhash ip saddr mod 4 seed 0xab', 'meta mark 1 drop']],
  [
    'a mark from a hash of many',
    4,
    ['meta mark set jhash ip saddr . tcp dport mod 400 seed 0xab offset 100', 'meta mark 100-250 drop'],
  ],
  ['a mark from the length', 4, ['meta mark set meta length', 'meta mark 38 drop']],
  [
    'assured, or translated',
    4,
    ['ct status assured,dnat drop', 'udp dport 80 ct status ! assured,snat drop'],
  ],
  ['of no echo', 4, ['icmp id 5 drop', 'icmp sequence != 5 drop', 'udp dport 80 drop']],
  ['of no echo', 6, ['icmpv6 id != 5 drop', 'udp dport 80 drop']],
  ['a quota that is used up', 4, ['udp dport 80 quota over 1 bytes drop']],
  ['a quota that is not', 4, ['quota over 1000 mbytes drop', 'udp dport 80 quota 1000 mbytes drop']],
  ['a change of the other family ends the rule', 6, ['ip ttl set 5 tcp dport 80 drop']],
  ['a change of the other family ends the rule', 4, ['ip6 dscp set cs1 tcp dport 80 drop']],
])('%s (IPv%i): %s', async (_name, family, rules) => {
  await expectCertain(arena, 'nft', family, nftAt(AFTER_ROUTING, rules.join('\n')));
});

/** Rewritten behind the back of conntrack. */
test.each<[string, 4 | 6, string, readonly string[]]>([
  ['a port', 4, 'forward', ['tcp dport set 8080']],
  ['a port, of the bytes of the header', 4, 'forward', ['@th,16,16 set 99']],
  ['a port out of a map', 4, 'forward', ['tcp dport set tcp dport map { 80 : 8080 }']],
  ['a port of what is sent', 6, 'output', ['tcp dport set 99']],
  ['a destination', 4, 'forward', ['ip daddr 10.2.0.1 ip daddr set 10.2.0.2']],
  ['a destination before it is routed', 4, 'prerouting', ['ip daddr 10.2.0.1 ip daddr set 10.2.0.2']],
  ['to the router itself', 4, 'prerouting', ['ip daddr 10.2.0.1 ip daddr set 10.1.0.254']],
  ['a destination out of a map', 4, 'forward', ['ip daddr set ip daddr map { 10.2.0.1 : 10.2.0.2 }']],
  ['a part of an address', 4, 'forward', ['ip daddr set ip daddr & 255.255.255.0 | 0.0.0.3']],
  ['one end from the other', 4, 'forward', ['ip saddr set ip daddr']],
  ['a source', 4, 'forward', ['ip saddr set 10.1.0.77']],
  ['a source of IPv6', 6, 'forward', ['ip6 saddr set fd01::77']],
  ['a destination of IPv6', 6, 'prerouting', ['ip6 daddr set fd02::2']],
  [
    'whether it may be fragmented',
    4,
    'forward',
    ['udp dport 80 ip frag-off set 0', 'ip frag-off & 0x4000 == 0 drop'],
  ],
  [
    'that it may not be fragmented',
    4,
    'output',
    [
      'ip frag-off set 0',
      'ip frag-off set 0x4000',
      'ip frag-off 0 drop',
      'ip frag-off 0x4000 udp dport 8080 drop',
    ],
  ],
  [
    'what it says of congestion',
    4,
    'forward',
    [
      'tcp flags set syn | ecn | cwr',
      'tcp flags & (ecn | cwr) == (ecn | cwr) tcp dport 80 drop',
      'tcp flags == syn drop',
    ],
  ],
  ['what is no TCP has no flags', 6, 'forward', ['tcp flags set syn', 'tcp flags syn tcp dport 80 drop']],
  ['what is not there ends the rule', 4, 'forward', ['ip6 daddr set fd02::2 drop', 'udp dport set 9 drop']],
])('rewritten: %s (IPv%i, %s): %s', async (_name, family, hook, rules) => {
  await expectCertain(arena, 'nft', family, nftAt([hook], rules.join('\n')));
});

test.each<[string, string, readonly string[]]>([
  [
    'no label',
    'filter',
    ['-m connlabel --label 5 -j DROP', '-p udp --dport 80 -m connlabel ! --label 5 -j DROP'],
  ],
  [
    'a label',
    'filter',
    [
      '-m connlabel --label 5 --set',
      '-p tcp -m connlabel --label 5 -j DROP',
      '-m connlabel ! --label 5 -j DROP',
      '-m connlabel --label 7 -j DROP',
    ],
  ],
  ['fewer connections', 'filter', ['-m connlimit --connlimit-above 1000 --connlimit-mask 24 -j DROP']],
  ['no more', 'filter', ['-p udp --dport 80 -m connlimit --connlimit-upto 1000 --connlimit-daddr -j DROP']],
  ['any', 'filter', ['-p tcp --dport 80 -m connlimit --connlimit-above 0 -j DROP']],
  [
    'another realm',
    'filter',
    ['-m realm --realm 5 -j DROP', '-p udp --dport 80 -m realm ! --realm 0x5/0xff -j DROP'],
  ],
  [
    'another size of segments',
    'filter',
    ['-p tcp --dport 80 -m tcpmss ! --mss 0:1459 -j DROP', '-p tcp -m tcpmss ! --mss 1000:65535 -j DROP'],
  ],
  [
    'assured or answered',
    'filter',
    [
      '-m conntrack --ctstatus ASSURED,SEEN_REPLY -j DROP',
      '-p udp --dport 80 -m conntrack ! --ctstatus ASSURED,EXPECTED -j DROP',
    ],
  ],
  ['no realm', 'filter', ['-p tcp --dport 80 -m realm --realm 0 -j DROP']],
  ['an option', 'filter', ['-p tcp --dport 80 --tcp-option 8 -j DROP', '-p tcp --tcp-option 5 -j DROP']],
  [
    'without an option',
    'filter',
    ['-p tcp ! --tcp-option 4 -j DROP', '-p tcp --dport 81 ! --tcp-option 30 -j DROP'],
  ],
  [
    'an option that is taken out',
    'mangle',
    [
      '-p tcp -j TCPOPTSTRIP --strip-options sack-permitted,8',
      '-p tcp --tcp-option 8 -j DROP',
      '-p tcp --dport 80 ! --tcp-option 4 -j DROP',
    ],
  ],
])('iptables: %s', async (_name, table, rules) => {
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await expectCertain(arena, backend, 4, iptablesAt(rules, table));
  }
});

/** nft_dynset_eval() */
test.each<[string, 4 | 6, string]>([
  ['fewer connections of an address', 4, 'meter often { ip saddr ct count over 1000 } drop'],
  ['what is measured of the other family', 6, 'meter often { ip saddr limit rate 1/hour } drop'],
  ['fewer connections of an element', 4, 'add @seen { ip saddr ct count over 1000 } drop'],
])('%s (IPv%i)', async (_name, family, rule) => {
  const set = 'set seen { type ipv4_addr; size 1000; flags dynamic; }';
  const text = `table inet t {\n${set}\nchain f { type filter hook forward priority 0;\n${rule}\n}\n}`;
  await expectCertain(arena, 'nft', family, text);
});
