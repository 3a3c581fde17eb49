import fc from 'fast-check';
import { FAMILIES } from './arena/addresses.ts';

/** Random rulesets in nft's own language; some rules contradict themselves, and nft refuses these. */
interface Base {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
}

const IP = { 4: 'ip', 6: 'ip6' } as const;

const SETS = (family: 4 | 6): string => {
  const plan = FAMILIES[family];
  const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const net = family === 4 ? '10.2.0.2/31' : 'fd02::2/127';
  return `
  set hosts { type ${type}; elements = { ${plan.left[0]}, ${plan.right[0]} }; }
  set nets { type ${type}; flags interval; elements = { ${net}, ${plan.left[1]} }; }
  set pairs { type ${type} . inet_service; flags interval; elements = { ${plan.right[0]} . 80-81, ${plan.right[1]} . 8080 }; }
  map ports { type inet_service : verdict; elements = { 80 : jump one, 8080 : drop, 81 : goto two }; }
  map to { type inet_service : ${type}; elements = { 80 : ${plan.right[2]} }; }
  map both { type ${type} . inet_service : ${type} . inet_service; elements = { ${plan.right[0]} . 80 : ${plan.right[1]} . 8080 }; }`;
};

function match(family: 4 | 6, hook: Base['hook'] | null): fc.Arbitrary<string> {
  const plan = FAMILIES[family];
  const ip = IP[family];
  const not = fc.constantFrom('', '!= ');
  const address = fc.constantFrom(...plan.left, ...plan.right, plan.in, plan.out);
  const sides = [
    ...(hook === null || hook === 'prerouting' || hook === 'input' || hook === 'forward' ? ['iifname'] : []),
    ...(hook === null || hook === 'output' || hook === 'postrouting' || hook === 'forward'
      ? ['oifname']
      : []),
  ];
  const range = family === 4 ? '10.1.0.1-10.1.0.2' : 'fd01::1-fd01::2';
  const net = family === 4 ? '10.2.0.0/16' : 'fd02::/16';
  const pieces: fc.Arbitrary<string>[] = [
    fc
      .tuple(fc.constantFrom('saddr', 'daddr'), not, address)
      .map(([side, no, at]) => `${ip} ${side} ${no}${at}`),
    fc
      .tuple(
        fc.constantFrom('saddr', 'daddr'),
        not,
        fc.constantFrom(range, net, `{ ${range}, ${plan.right[0]} }`, '@hosts', '@nets'),
      )
      .map(([side, no, at]) => `${ip} ${side} ${no}${at}`),
    fc.constantFrom(
      `${ip} daddr . tcp dport @pairs`,
      `${ip} daddr . udp dport != @pairs`,
      `${ip} saddr . ${ip} daddr { ${plan.left[0]} . ${plan.right[0]} }`,
    ),
    fc
      .tuple(
        fc.constantFrom('tcp', 'udp', 'th'),
        fc.constantFrom('dport', 'sport'),
        not,
        fc.constantFrom('80', '80-81', '{ 80, 8000-9000 }'),
      )
      .map(
        ([proto, side, no, ports]) =>
          `${proto === 'th' ? 'meta l4proto { tcp, udp } th' : proto} ${side} ${no}${ports}`,
      ),
    fc.constantFrom('udp dport < 81', 'udp dport >= 81', 'tcp dport > 80', 'tcp dport <= 80'),
    fc
      .tuple(not, fc.constantFrom('tcp', '{ tcp, icmp }', 'udp'))
      .map(([no, proto]) => `meta l4proto ${no}${proto}`),
    fc
      .tuple(
        fc.constantFrom(...sides),
        not,
        fc.constantFrom('"r0"', '"r1"', '"r*"', '{ "r0", "lo" }', '{ "lo", "x*" }'),
      )
      .map((words) => words.join(' ').replace('!=  ', '!= ')),
    fc.constantFrom(
      'tcp flags syn',
      'tcp flags & (fin | syn | rst | ack) == syn',
      'tcp flags != syn',
      'tcp flags & (syn | ack) == syn | ack',
      'tcp flags ! ack',
      'tcp flags { syn, syn | ack }',
    ),
    fc.constantFrom(
      'tcp option sack-perm exists',
      'tcp option timestamp missing',
      'tcp option window length 3',
      'tcp option mptcp exists',
      'tcp option maxseg size 1000-1460',
      'tcp option 42 missing',
    ),
    fc.constantFrom(
      'ct state new',
      'ct state established,related',
      'ct state invalid',
      'ct state { new, untracked }',
      'ct state != new',
      'ct state untracked',
      'ct status dnat',
      'ct status snat',
      'ct status & dnat == 0',
      'ct direction original',
      'ct mark 0',
      'ct mark & 1 == 1',
      'ct mark != 0',
      `ct original ${ip} daddr ${plan.right[0]}`,
      `ct reply ${ip} saddr ${plan.right[0]}`,
      `ct reply ${ip} daddr != ${plan.left[0]}`,
      'ct original proto-src 20000-40000',
      'ct reply proto-src 80',
      'ct status expected',
      'ct status == confirmed',
      'ct status & (dnat | snat) == dnat',
      'ct status & (confirmed | dnat) != 0',
      'ct status { dnat, confirmed }',
      'ct state & (new | related) == new',
      'ct state != (new | established)',
      'ct label & (1 | 2) == 1',
    ),
    fc.constantFrom(
      'meta mark 0',
      'meta mark & 3 == 2',
      'meta mark != 1',
      'meta mark { 1, 3 }',
      'meta mark 1-2',
      'meta mark & 3 > 1',
      'meta mark & 6 2-4',
    ),
    fc.constantFrom(
      'meta length 38',
      'meta length > 58',
      `${family === 4 ? 'ip ttl' : 'ip6 hoplimit'} 64`,
      `${family === 4 ? 'ip ttl' : 'ip6 hoplimit'} < 64`,
    ),
    ...(hook === 'output' || hook === 'postrouting'
      ? [fc.constantFrom('meta skuid 0', 'meta skuid != 0', 'meta skgid { 0, 5 }', 'meta skuid 1-9')]
      : []),
    fc.constantFrom(`${ip} dscp cs0`, `${ip} dscp != ef`, `${ip} dscp { cs1, ef }`, `${ip} ecn not-ect`),
    fc.constantFrom('fib daddr type local', 'fib daddr type != local', 'fib saddr type unicast'),
    ...(hook === 'prerouting' || hook === 'input' || hook === 'forward'
      ? [fc.constantFrom('fib saddr . iif oif exists', 'fib saddr . iif oif missing')]
      : []),
    ...(hook === 'input' ? [fc.constant('fib daddr . iif type local')] : []),
    fc.constantFrom(
      `meta nfproto ipv${family}`,
      `meta nfproto ipv${family === 4 ? 6 : 4}`,
      `meta protocol ${ip}`,
      'meta pkttype host',
      'counter',
      'icmp type echo-request',
      'icmpv6 type echo-request',
    ),
  ];
  return fc.oneof(...pieces);
}

const CHANGES = [
  'meta mark set 1',
  'meta mark set meta mark | 2',
  'meta mark set meta mark & 1',
  'meta mark set meta mark ^ 3',
  'meta mark set ct mark',
  'ct mark set 1',
  'ct mark set meta mark',
  'counter',
  'log',
];

function action(family: 4 | 6, { type, hook }: Base): fc.Arbitrary<string> {
  const plan = FAMILIES[family];
  const ip = IP[family];
  if (type === 'nat') {
    if (hook === 'input') return fc.constantFrom('accept', 'return', `snat ${ip} to ${plan.left[2]}`);
    if (hook === 'postrouting')
      return fc.constantFrom(
        'accept',
        'masquerade',
        `snat ${ip} to ${plan.out}`,
        `snat ${ip} to ${family === 4 ? '10.2.0.77' : 'fd02::77'}`,
        `snat ${ip} to ${ip} saddr map { ${plan.left[0]} : ${plan.out} }`,
      );
    const at = family === 4 ? `${plan.right[1]}:8080` : `[${plan.right[1]}]:8080`;
    return fc.constantFrom(
      'accept',
      `dnat ${ip} to ${plan.right[0]}`,
      `meta l4proto tcp dnat ${ip} to ${at}`,
      `dnat ${ip} to ${plan.right[0]}-${plan.right[2]}`,
      `dnat ${ip} to tcp dport map @to`,
      `dnat ${ip} to udp dport map { 80 : ${plan.right[1]}, 81 : ${plan.right[2]} }`,
      `dnat ${ip} to ${ip} daddr . tcp dport map @both`,
      'meta l4proto udp redirect to :5353',
      'redirect',
      `dnat ${ip} to numgen inc mod 2 map { 0 : ${plan.right[0]}, 1 : ${plan.right[1]} }`,
      'drop',
    );
  }
  const rejects =
    hook === 'postrouting' || hook === 'prerouting'
      ? []
      : [
          'reject',
          'meta l4proto tcp reject with tcp reset',
          'reject with icmpx admin-prohibited',
          `reject with ${family === 4 ? 'icmp host-prohibited' : 'icmpv6 no-route'}`,
        ];
  const maps = [
    'tcp dport vmap @ports',
    'udp dport vmap { 80 : accept, 81-90 : jump one, 8080 : drop }',
    `iifname vmap { "r0" : jump two, "lo" : accept }`,
    'ct state vmap { established : accept, invalid : drop, new : jump one }',
    'numgen random mod 2 vmap { 0 : accept, 1 : drop }',
    'tcp dport vmap { 80 : continue, 81 : return }',
    'limit rate 1/second accept',
    'quota 1 bytes drop',
  ];
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('accept', 'drop', 'return', 'jump one', 'goto two', ...rejects) },
    { weight: 2, arbitrary: fc.constantFrom(...CHANGES, `${ip} dscp set ef`) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ...(hook === 'output' ? maps.filter((map) => !map.startsWith('iifname')) : maps),
      ),
    },
    { weight: 1, arbitrary: fc.constant(hook === 'prerouting' || hook === 'output' ? 'notrack' : 'counter') },
  );
}

const rule = (family: 4 | 6, base: Base | null): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(match(family, base?.hook ?? null), { maxLength: 2 }),
      base ? action(family, base) : fc.constantFrom('accept', 'return', 'drop', 'counter', 'meta mark set 1'),
    )
    .map(([matches, verdict]) => [...matches, verdict].join(' '));

const BASES: readonly Base[] = [
  ...(['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).map((hook) => ({
    type: 'filter' as const,
    hook,
  })),
  ...(['prerouting', 'input', 'output', 'postrouting'] as const).map((hook) => ({
    type: 'nat' as const,
    hook,
  })),
  { type: 'route', hook: 'output' },
];

const chain = (family: 4 | 6): fc.Arbitrary<string> =>
  fc.constantFrom(...BASES).chain((base) =>
    fc
      .tuple(
        fc.constantFrom(-310, -250, -150, -120, -90, -1, 0, 1, 90, 110),
        fc.boolean(),
        fc.nat(1_000_000),
        fc.array(rule(family, base), { maxLength: 5 }),
      )
      .map(([priority, drops, id, rules]) => {
        // conntrack has to come before nat.
        const at = base.type === 'nat' ? Math.max(priority, -150) : priority;
        const policy = drops && base.type === 'filter' && base.hook !== 'prerouting' ? 'drop' : 'accept';
        return `  chain c${id} { type ${base.type} hook ${base.hook} priority ${at}; policy ${policy};\n${rules.map((text) => `    ${text}\n`).join('')}  }`;
      }),
  );

/** A table of the family or of both, with sets, maps, two chains to jump to, and some base chains. */
export const nftRuleset = (family: 4 | 6): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(IP[family], 'inet'),
      fc.array(rule(family, null), { maxLength: 3 }),
      fc.array(rule(family, null), { maxLength: 2 }),
      fc.uniqueArray(chain(family), { minLength: 1, maxLength: 6, selector: (text) => text.split('{')[0] }),
    )
    .map(([kind, one, two, chains]) =>
      [
        `table ${kind} t {`,
        SETS(family),
        `  chain two {\n${two.map((text) => `    ${text}\n`).join('')}  }`,
        `  chain one {\n${one.map((text) => `    ${text}\n`).join('')}    jump two\n  }`,
        ...chains,
        '}',
        '',
      ].join('\n'),
    );
