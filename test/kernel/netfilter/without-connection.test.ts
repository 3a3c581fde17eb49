import { afterAll, beforeAll, test } from 'vitest';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectCertain } from './compare.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const table = (name: string, chains: readonly string[], rules: readonly string[]): readonly string[] => [
  `*${name}`,
  ...chains.map((chain) => `:${chain} ACCEPT [0:0]`),
  ...chains.flatMap((chain) => rules.map((rule) => `-A ${chain} ${rule}`)),
  'COMMIT',
];

/** Nothing to UDP is followed. */
const UNFOLLOWED = table('raw', ['PREROUTING', 'OUTPUT'], ['-p udp -j CT --notrack']);

/** conntrack_mt() of xt_conntrack.c: of a packet without a connection only the state is asked, whatever else is. */
test.each<[string, readonly string[]]>([
  [
    'its state and its mark',
    ['-m conntrack --ctstate INVALID,UNTRACKED --ctstatus ASSURED --ctdir REPLY -j DROP'],
  ],
  ['another state', ['-m conntrack --ctstate NEW --ctdir ORIGINAL --ctproto udp -j DROP']],
  ['not a state', ['-p udp -m conntrack ! --ctstate NEW --ctorigdst 9.9.9.9 -j DROP']],
  ['not this state', ['-m conntrack ! --ctstate UNTRACKED ! --ctorigdst 9.9.9.9 -j DROP']],
  ['no state', ['-p udp -m conntrack ! --ctorigdst 9.9.9.9 -j DROP']],
  ['its protocol', ['-m conntrack --ctproto udp -j DROP', '-m conntrack ! --ctproto 1 -j DROP']],
  ['when it runs out', ['-p udp -m conntrack --ctstate UNTRACKED --ctexpire 1:5 -j DROP']],
  ['only when it runs out', ['-p udp -m conntrack --ctexpire 1:5000 -j DROP']],
])('iptables: %s: %s', async (_name, rules) => {
  const text = [...UNFOLLOWED, ...table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], rules), ''].join('\n');
  for (const backend of ['iptables-nft', 'legacy'] as const) {
    await expectCertain(arena, backend, 4, text);
  }
});

/** nft_ct_get_eval(): what a packet without a connection is asked for ends the rule. */
test.each<[string, readonly string[]]>([
  ['its protocol', ['ct protocol udp drop', 'ct original protocol tcp tcp dport 80 drop']],
  ['its family', ['ct l3proto ipv4 drop']],
  ['its helper', ['ct helper != "ftp" tcp dport 80 drop']],
])('nft: %s: %s', async (_name, rules) => {
  const text = `table ip t {
    chain raw { type filter hook prerouting priority raw; udp dport 1-65535 notrack; }
    chain raw_out { type filter hook output priority raw; udp dport 1-65535 notrack; }
    ${['input', 'forward', 'output']
      .map((hook) => `chain ${hook} { type filter hook ${hook} priority 0;\n${rules.join('\n')}\n}`)
      .join('\n')}
  }`;
  await expectCertain(arena, 'nft', 4, text);
});
