import fc from 'fast-check';
import { FAMILIES } from './arena/addresses.ts';

/** Random rulesets as text for iptables-restore: every one of them loads. */
interface Place {
  readonly table: 'raw' | 'mangle' | 'nat' | 'filter';
  readonly chain: string;
  readonly family: 4 | 6;
}

const negated = (option: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.boolean(), option).map(([no, text]) => (no ? `! ${text}` : text));

function addressOptions(family: 4 | 6): fc.Arbitrary<string> {
  const plan = FAMILIES[family];
  const single = fc.constantFrom(...plan.left, ...plan.right, plan.in, plan.out);
  const net =
    family === 4
      ? fc.constantFrom('10.1.0.0/24', '10.2.0.0/16', '10.2.0.2/31')
      : fc.constantFrom('fd01::/64', 'fd02::/16', 'fd02::2/127');
  return negated(
    fc.tuple(fc.constantFrom('-s', '-d'), fc.oneof(single, net)).map((words) => words.join(' ')),
  );
}

const PORT = fc.constantFrom('80', '81', '8080', '80:81', '1024:65535', ':80', '81:');

function deviceOption({ chain }: Place): fc.Arbitrary<string> {
  const sees = {
    in: ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain),
    out: ['FORWARD', 'OUTPUT', 'POSTROUTING'].includes(chain),
  };
  const sides = [...(sees.in ? ['-i'] : []), ...(sees.out ? ['-o'] : [])];
  if (sides.length === 0) return fc.constant('');
  return negated(
    fc
      .tuple(fc.constantFrom(...sides), fc.constantFrom('r0', 'r1', 'r+', 'lo', 'x+'))
      .map((words) => words.join(' ')),
  );
}

const protocolOption = (): fc.Arbitrary<string> =>
  fc.oneof(
    negated(fc.constantFrom('-p tcp', '-p udp')),
    fc
      .tuple(
        fc.constantFrom('tcp', 'udp'),
        negated(fc.tuple(fc.constantFrom('--dport', '--sport'), PORT).map((words) => words.join(' '))),
      )
      .map(([protocol, option]) => `-p ${protocol} -m ${protocol} ${option}`),
    fc
      .tuple(
        fc.constantFrom('tcp', 'udp'),
        negated(fc.constantFrom('--dports 80,8080', '--ports 80:81', '--sports 80,1024:65535')),
      )
      .map(([protocol, option]) => `-p ${protocol} -m multiport ${option}`),
    negated(fc.constant('--syn')).map((option) => `-p tcp ${option}`),
    fc.constant('-p tcp --tcp-flags SYN,ACK SYN'),
  );

function extension({ family, chain }: Place): fc.Arbitrary<string> {
  const plan = FAMILIES[family];
  const sees = { in: chain === 'PREROUTING' || chain === 'INPUT' || chain === 'FORWARD' };
  const entering = chain === 'PREROUTING' || chain === 'OUTPUT';
  const state = fc.subarray(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT'], {
    minLength: 1,
  });
  const options: fc.Arbitrary<string>[] = [
    negated(state.map((states) => `--ctstate ${states.join(',')}`)).map((option) => `-m conntrack ${option}`),
    fc
      .tuple(
        negated(state.map((states) => `--ctstate ${states.join(',')}`)),
        fc.oneof(
          fc.constant('--ctdir ORIGINAL'),
          negated(fc.constantFrom('--ctproto tcp', '--ctstatus NONE')),
        ),
      )
      .map((both) => `-m conntrack ${both.join(' ')}`),
    fc
      .constantFrom('1', '2')
      .map((node) => `-m cluster --cluster-total-nodes 2 --cluster-local-node ${node} --cluster-hash-seed 5`),
    negated(fc.constantFrom(...plan.right, plan.in).map((address) => `--ctorigdst ${address}`)).map(
      (option) => `-m conntrack ${option}`,
    ),
    negated(
      fc
        .constantFrom('LOCAL', 'UNICAST', ...(family === 4 ? ['BROADCAST', 'LOCAL,BROADCAST'] : []))
        .map((type) => `--dst-type ${type}`),
    ).map((option) => `-m addrtype ${option}`),
    fc.constant('-m addrtype --src-type LOCAL'),
    negated(fc.constantFrom('0x1', '0x2/0x3', '0x0').map((mark) => `--mark ${mark}`)).map(
      (option) => `-m mark ${option}`,
    ),
    negated(fc.constantFrom('0x1', '0x0').map((mark) => `--mark ${mark}`)).map(
      (option) => `-m connmark ${option}`,
    ),
    negated(fc.constant(`--src-range ${plan.left[0]}-${plan.left[1]}`)).map(
      (option) => `-m iprange ${option}`,
    ),
    negated(fc.constantFrom('38', '60:', ':50', '58').map((length) => `--length ${length}`)).map(
      (option) => `-m length ${option}`,
    ),
    family === 4
      ? fc.constantFrom('-m ttl --ttl-eq 64', '-m ttl --ttl-lt 64', '-m ttl --ttl-gt 63')
      : fc.constantFrom('-m hl --hl-eq 64', '-m hl --hl-lt 64', '-m hl --hl-gt 63'),
    fc.constant('-m comment --comment "some words \\" -j DROP"'),
    negated(
      fc.constantFrom(
        `--ctreplsrc ${plan.right[0]}`,
        `--ctrepldst ${plan.left[0]}`,
        '--ctorigsrcport 20000:40000',
        '--ctrepldstport 20000:65535',
        '--ctreplsrcport 80',
      ),
    ).map((option) => `-m conntrack ${option}`),
    negated(fc.constantFrom('--dscp 0x00', '--dscp 0x2e', '--dscp 0x08')).map(
      (option) => `-m dscp ${option}`,
    ),
    negated(fc.constantFrom('--tos 0x00', '--tos 0x20/0x3f', '--tos 0x10/0x10')).map(
      (option) => `-m tos ${option}`,
    ),
    fc.constantFrom('-m ecn --ecn-ip-ect 0', '-m ecn ! --ecn-ip-ect 1').map((option) => option),
    negated(
      fc.constantFrom(
        `--match-set hosts${family} src`,
        `--match-set nets${family} dst`,
        `--match-set pairs${family} dst,dst`,
        `--match-set pairs${family} dst`,
        `--match-set ports dst`,
        `--match-set list${family} src`,
        ...(sees.in ? [`--match-set devices${family} src,src`] : []),
      ),
    ).map((option) => `-m set ${option}`),
    ...(chain === 'POSTROUTING' || chain === 'OUTPUT'
      ? [
          negated(
            fc.constantFrom('--uid-owner 0', '--uid-owner 1-10', '--gid-owner 0', '--socket-exists'),
          ).map((option) => `-m owner ${option}`),
          fc.constant('-m policy --dir out --pol none'),
        ]
      : [fc.constantFrom('-m policy --dir in --pol none', '-m policy --dir in --pol ipsec')]),
    fc.constantFrom(
      '-m statistic --mode random --probability 0',
      '-m statistic --mode random --probability 1',
      '-m statistic --mode random ! --probability 1',
      '-m statistic --mode nth --every 1 --packet 0',
    ),
    fc.constantFrom('-m pkttype --pkt-type unicast', '-m pkttype --pkt-type broadcast'),
    ...(entering
      ? []
      : [
          fc
            .constant('-m addrtype --dst-type LOCAL --limit-iface-in')
            .filter(() => chain === 'INPUT' || chain === 'FORWARD'),
        ].slice(0, chain === 'INPUT' || chain === 'FORWARD' ? 1 : 0)),
  ];
  return fc.oneof(...options);
}

const MARKS = [
  'MARK --set-xmark 0x1/0xffffffff',
  'MARK --or-mark 0x2',
  'MARK --and-mark 0x1',
  'CONNMARK --set-xmark 0x1/0xffffffff',
  'CONNMARK --save-mark',
  'CONNMARK --restore-mark',
  'CONNMARK --set-xmark 0x3/0xf --left-shift-mark 1',
  'CONNMARK --restore-mark --right-shift-mark 1',
  'DSCP --set-dscp 0x2e',
  'TOS --set-tos 0x10/0xff',
  'NFQUEUE --queue-num 7 --queue-bypass',
  'NFQUEUE --queue-num 7',
];
const REJECTIONS = {
  4: [
    'icmp-port-unreachable',
    'icmp-host-prohibited',
    'icmp-admin-prohibited',
    'icmp-net-unreachable',
    'icmp-proto-unreachable',
  ],
  6: ['icmp6-port-unreachable', 'icmp6-adm-prohibited', 'icmp6-addr-unreachable', 'icmp6-no-route'],
} as const;

/** A target with the protocol it needs. */
function target({ table, chain, family }: Place): fc.Arbitrary<string> {
  const plan = FAMILIES[family];
  const at = (address: string, port: string): string =>
    family === 4 ? `${address}:${port}` : `[${address}]:${port}`;
  const plain = ['ACCEPT', 'RETURN', ...(table === 'nat' ? [] : ['DROP'])].map((name) => `-j ${name}`);
  switch (table) {
    case 'raw':
      return fc.constantFrom(...plain, '-j CT --notrack', '-j CT --notrack');
    case 'mangle':
      return fc.constantFrom(
        ...plain,
        ...MARKS.map((mark) => `-j ${mark}`),
        ...MARKS.map((mark) => `-j ${mark}`),
      );
    case 'filter':
      return fc.constantFrom(
        ...plain,
        ...REJECTIONS[family].map((word) => `-j REJECT --reject-with ${word}`),
        '-p tcp -j REJECT --reject-with tcp-reset',
      );
    case 'nat':
      return chain === 'PREROUTING' || chain === 'OUTPUT'
        ? fc.constantFrom(
            ...plain,
            `-j DNAT --to-destination ${plan.right[0]}`,
            `-p tcp -j DNAT --to-destination ${at(plan.right[1], '8080')}`,
            `-p udp -j DNAT --to-destination ${at(plan.right[2], '70-90')}`,
            `-p udp -j DNAT --to-destination ${at(plan.right[2], '5000-5010')}`,
            `-j DNAT --to-destination ${plan.right[0]}-${plan.right[2]}`,
            `-j DNAT --to-destination ${plan.right[0]}-${plan.right[2]} --persistent`,
            `-p udp -j DNAT --to-destination ${at(plan.right[1], '7000-7009/80')}`,
            '-p tcp -j REDIRECT --to-ports 3128',
            '-j REDIRECT',
          )
        : fc.constantFrom(
            ...plain,
            `-j SNAT --to-source ${plan.out}`,
            `-j SNAT --to-source ${family === 4 ? '10.2.0.77' : 'fd02::77'}`,
            `-j SNAT --to-source ${family === 4 ? '10.2.0.77-10.2.1.200' : 'fd02::77-fd02::5:7'}`,
            `-j SNAT --to-source ${family === 4 ? '10.1.0.2-10.1.0.9' : 'fd01::2-fd01::9'} --persistent`,
            ...(chain === 'POSTROUTING' ? ['-j MASQUERADE'] : []),
          );
  }
}

const CHAINS: Readonly<Record<Place['table'], readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** One rule of a base chain, or of a user chain that base chain calls (which is then named after it). */
function rules(place: Place): fc.Arbitrary<readonly string[]> {
  const body = fc
    .tuple(
      fc.array(fc.oneof({ weight: 2, arbitrary: addressOptions(place.family) }, deviceOption(place)), {
        maxLength: 1,
      }),
      fc.option(protocolOption(), { nil: '' }),
      fc.array(extension(place), { maxLength: 2 }),
    )
    .map(([first, protocol, extensions]) =>
      [...first, protocol, ...extensions].filter((part) => part !== '').join(' '),
    );
  const own = (suffix: string): string => `${place.chain}-${suffix}`;
  const line = (chain: string, targets: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(body, targets).map(([match, to]) => {
      // A target that asks for a protocol decides which one it is.
      const wanted = /^-p (\w+) /.exec(to);
      const rest = wanted
        ? match.replace(
            /(! )?-p \w+( -m (tcp|udp|multiport))?( (! )?--(syn|tcp-flags \S+ \S+|[sd]?ports? \S+))?/,
            '',
          )
        : match;
      return `-A ${chain} ${rest} ${to}`.replace(/ +/g, ' ');
    });
  const calls = fc.constantFrom(`-j ${own('A')}`, `-g ${own('A')}`, `-j ${own('B')}`);
  return fc
    .tuple(
      fc.array(line(place.chain, fc.oneof({ weight: 3, arbitrary: target(place) }, calls)), { maxLength: 5 }),
      fc.array(
        line(
          own('A'),
          fc.oneof(
            { weight: 4, arbitrary: target(place) },
            fc.constantFrom(`-j ${own('B')}`, `-g ${own('B')}`),
          ),
        ),
        { maxLength: 3 },
      ),
      fc.array(line(own('B'), target(place)), { maxLength: 2 }),
    )
    .map((lists) => [`:${own('A')} - [0:0]`, `:${own('B')} - [0:0]`, ...lists.flat()]);
}

function table(name: Place['table'], family: 4 | 6): fc.Arbitrary<string> {
  const policies = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  return fc
    .tuple(policies, ...CHAINS[name].map((chain) => rules({ table: name, chain, family })))
    .map(([dropping, ...lists]) =>
      [
        `*${name}`,
        ...CHAINS[name].map(
          (chain, index) => `:${chain} ${name === 'filter' && dropping[index] ? 'DROP' : 'ACCEPT'} [0:0]`,
        ),
        ...lists.flat(),
        'COMMIT',
        '',
      ].join('\n'),
    );
}

/** A ruleset of one to four tables. */
export const iptablesRuleset = (family: 4 | 6): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.option(table('raw', family), { nil: '', freq: 2 }),
      fc.option(table('mangle', family), { nil: '', freq: 2 }),
      fc.option(table('nat', family), { nil: '', freq: 4 }),
      table('filter', family),
    )
    .map((tables) => tables.join(''));
