import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleRuleset } from '../../../diagnostics/collect/assemble-ruleset.ts';
import { parseConntrack } from '../../../diagnostics/collect/conntrack.ts';
import { parseIpsets } from '../../../diagnostics/collect/ipset.ts';
import { parseBoundQueues, parsePolicyCount } from '../../../diagnostics/collect/ruleset-surroundings.ts';
import { parseDatagramPorts } from '../../../diagnostics/collect/sockets.ts';
import type { Hook, Ruleset } from '../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../diagnostics/simulate/netfilter/run-hook.ts';
import { hookInput } from '../../support/hook-input.ts';

const LAYOUTS = join(import.meta.dirname, '../../kernel/netfilter/layouts');
const recorded = (name: string): string => readFileSync(join(import.meta.dirname, 'recorded', name), 'utf8');
const layout = (name: string): string => readFileSync(join(LAYOUTS, name), 'utf8');

const HOOKS: readonly Hook[] = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Whatever became of the listing, packets can be asked about it. */
function evaluate(ruleset: Ruleset): void {
  for (const hook of HOOKS)
    for (const protocol of ['tcp', 'udp', 'icmp'] as const) {
      const icmp = protocol === 'icmp' ? { icmp: { type: 8, code: 0 } } : {};
      expect(runHook(ruleset, hook, hookInput({ protocol, ...icmp })).length).toBeGreaterThan(0);
    }
}

/** Text that lost its end, a character, a line; or that has something else in its place. */
const damagedText = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(text.length),
      fc.constantFrom('cut', 'drop', 'put'),
      fc.string({ unit: 'binary' }),
    )
    .map(([at, length, how, junk]) => {
      if (how === 'cut') return text.slice(0, at);
      return `${text.slice(0, at)}${how === 'put' ? junk : ''}${text.slice(at + (length % 60))}`;
    });

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

/** A copy in which one place holds something else, or nothing. */
function withChange(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value))
    return value.map((one: unknown, at) => (String(at) === String(key) ? withChange(one, rest, to) : one));
  const entries = Object.entries(value as object).map(([name, one]) => [
    name,
    name === key ? withChange(one, rest, to) : (one as unknown),
  ]);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

const damagedJson = (json: string): fc.Arbitrary<string> => {
  const value = JSON.parse(json) as unknown;
  const paths = pathsOf(value);
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constant(undefined),
    fc.constantFrom<unknown>('*', '@nowhere', [], {}, -1, { set: [] }),
  );
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), odd), { minLength: 1, maxLength: 3 })
    .map(
      (changes) =>
        JSON.stringify(changes.reduce((now, [path, to]) => changeIfThere(now, path, to), value)) ?? '',
    );
};

/** An earlier change may have taken the place away. */
function changeIfThere(value: unknown, path: Path, to: unknown): unknown {
  try {
    return withChange(value, path, to);
  } catch {
    return value;
  }
}

const RUNS = 150;

/** Where something stands that decides: in rules, and in what the kernel calls. */
const deciding = (value: unknown): readonly Path[] =>
  pathsOf(value).filter((path) => {
    const [, , kind, key] = path;
    if (kind === 'chain')
      return path.length === 4 && ['type', 'hook', 'prio', 'policy'].includes(String(key));
    return kind === 'rule' && key === 'expr' && !path.some((one) => IDLE.has(String(one)));
  });

/** Nothing in these decides. */
const IDLE: ReadonlySet<string> = new Set(['counter', 'log', 'comment']);

const ends = (ruleset: Ruleset): ReadonlyMap<string, string> =>
  new Map(
    HOOKS.flatMap((hook) =>
      (['tcp', 'udp'] as const).map((protocol): readonly [string, string] => {
        const [outcome, ...others] = runHook(ruleset, hook, hookInput({ protocol }));
        const certain = outcome?.certain === true && others.length === 0;
        return [`${hook} ${protocol}`, certain ? outcome.verdict : 'maybe'];
      }),
    ),
  );

test.each(['firewalld', 'kube-proxy', 'docker', 'fail2ban'])(
  'nft -j, as %s writes: what nobody understands is never passed over',
  (name) => {
    const value = JSON.parse(recorded(`${name}.json`)) as unknown;
    const read = (json: unknown): ReadonlyMap<string, string> =>
      ends(assembleRuleset({ nft: { json: JSON.stringify(json), text: '' } }));
    const whole = read(value);
    fc.assert(
      fc.property(fc.constantFrom(...deciding(value)), (path) => {
        const damaged = read(changeIfThere(value, path, { nonsense: true }));
        for (const [where, end] of damaged)
          if (end !== 'maybe') expect(`${where}: ${end}`).toBe(`${where}: ${whole.get(where)}`);
      }),
      { numRuns: RUNS },
    );
  },
);

test.each<[string, string]>([
  ['no end', '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s 10.9.9.9 -j DROP'],
  ['no table', ':FORWARD ACCEPT [0:0]\n'],
  ['rules of a chain that is not there', '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWAD -j DROP\nCOMMIT\n'],
  ['a policy that is none', '*filter\n:FORWARD ACCEP [0:0]\nCOMMIT\n'],
  ['a table in a table', '*filter\n:FORWARD ACCEPT [0:0]\n*nat\nCOMMIT\n'],
])('iptables-save with %s is not passed over', (_name, text) => {
  expect(assembleRuleset({ compat: { ip: text } }).unknowns).not.toEqual([]);
});

test.each<[string, object]>([
  ['without statements', { rule: { family: 'ip', table: 't', chain: 'c', handle: 1 } }],
  [
    'with something else for statements',
    { rule: { family: 'ip', table: 't', chain: 'c', handle: 1, expr: 5 } },
  ],
  ['without a chain', { rule: { family: 'ip', table: 't', handle: 1, expr: [{ drop: null }] } }],
  [
    'of a family that nobody knows',
    { rule: { family: 'x', table: 't', chain: 'c', expr: [{ drop: null }] } },
  ],
])('a rule of nft %s is not passed over', (_name, rule) => {
  const chain = {
    family: 'ip',
    table: 't',
    name: 'c',
    type: 'filter',
    hook: 'forward',
    prio: 0,
    policy: 'accept',
  };
  const json = JSON.stringify({ nftables: [{ table: { family: 'ip', name: 't' } }, { chain }, rule] });
  expect(ends(assembleRuleset({ nft: { json, text: '' } })).get('forward tcp')).toBe('maybe');
});

describe('a damaged listing of rules never throws, and packets can still be asked about it', () => {
  test.each(['constructor', 'toString', '__proto__', 'valueOf'])('nft -j: nothing is called %s', (name) => {
    const lefts = [
      { meta: { key: name } },
      { payload: { protocol: 'ip', field: name } },
      { payload: { protocol: 'ether', field: name } },
      { payload: { protocol: 'arp', field: name } },
      { socket: { key: name } },
    ];
    const rules = lefts.map((left, handle) => ({
      rule: {
        ...{ family: 'inet', table: 't', chain: 'c', handle },
        expr: [{ match: { op: '==', left, right: name } }, { reject: { type: 'icmp', expr: name } }],
      },
    }));
    const chain = {
      family: 'inet',
      table: 't',
      name: 'c',
      type: 'filter',
      hook: 'input',
      prio: 0,
      policy: 'accept',
    };
    const json = { nftables: [{ table: { family: 'inet', name: 't' } }, { chain }, ...rules] };
    expect(() => evaluate(assembleRuleset({ nft: { json: JSON.stringify(json), text: '' } }))).not.toThrow();
  });

  test.each(['firewalld', 'kube-proxy', 'docker', 'fail2ban'])(
    'nft -j, as %s writes: wrong values',
    (name) => {
      fc.assert(
        fc.property(damagedJson(recorded(`${name}.json`)), (json) => {
          evaluate(assembleRuleset({ nft: { json, text: recorded(`${name}.txt`) } }));
        }),
        { numRuns: RUNS },
      );
    },
  );

  test.each(['firewalld', 'kube-proxy', 'docker', 'fail2ban'])(
    'nft -j and nft -a, as %s writes: cut and mixed up',
    (name) => {
      fc.assert(
        fc.property(
          damagedText(recorded(`${name}.json`)),
          damagedText(recorded(`${name}.txt`)),
          (json, text) => {
            evaluate(assembleRuleset({ nft: { json, text, bytecode: text } }));
          },
        ),
        { numRuns: RUNS },
      );
    },
  );

  test.each(['ufw.rules', 'kube-proxy.rules', 'shorewall.rules'])('iptables-save: %s', (name) => {
    fc.assert(
      fc.property(damagedText(layout(name)), damagedText(layout(name)), (ip, ip6) => {
        evaluate(assembleRuleset({ compat: { ip }, legacy: { ip6, ip: ip6 }, ipsets: ip }));
      }),
      { numRuns: RUNS },
    );
  });

  test('a listing that is cut off says so', () => {
    const json = recorded('docker.json');
    expect(assembleRuleset({ nft: { json: json.slice(0, -5), text: '' } }).unknowns).not.toEqual([]);
    const ip = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DR';
    const [table] = assembleRuleset({ legacy: { ip } }).tables;
    expect(table?.chains[0]?.rules[0]?.parts.map(({ type }) => type)).toContain('unmodelled');
  });
});

const IPSETS =
  'create a hash:ip,port family inet timeout 5\nadd a 10.0.0.1,tcp:80 timeout 3\ncreate l list:set\nadd l a\n';
const CONNTRACK =
  'udp      17 28 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1 mark=0 use=1\n';

test.each<[string, string, (text: string) => unknown]>([
  ['ipset save', IPSETS, parseIpsets],
  ['conntrack -L', CONNTRACK, parseConntrack],
  ['nfnetlink_queue', '    5   4711     0 2 65531     0     0        0  1\n', parseBoundQueues],
  ['ip xfrm policy count', ' SPD IN  0 OUT 0 FWD 0 (Sock: IN 0 OUT 0 FWD 0)\n', parsePolicyCount],
  ['ss -a -u', 'ESTAB 0 0 10.0.0.1:5555 10.0.0.2:53\nUNCONN 0 0 *:53 *:*\n', parseDatagramPorts],
])('damaged output of %s never throws', (_, text, parse) => {
  fc.assert(
    fc.property(damagedText(text), (damaged) => {
      parse(damaged);
    }),
  );
});

test.each([
  '-p tcp -m multiport --dports 99999999999999999999,183',
  '-p tcp -m tcp --dport 65536',
  '-p tcp -m tcp --sport 1:70000',
  '-p udp -m udp --dport 99999999999999999999',
  '-m length --length 0:99999999999999999999',
  '-m mark --mark 0x99999999999999999999',
  '-m ttl --ttl-eq 99999999999999999999',
])('a number that no rule can hold leaves the rule uncertain: %s', (match) => {
  const protocol = match.includes('udp') ? 'udp' : 'tcp';
  const ip = `*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${match} -j DROP\nCOMMIT\n`;
  const outcomes = runHook(assembleRuleset({ compat: { ip } }), 'forward', hookInput({ protocol }));
  expect(outcomes.map(({ certain }) => certain)).not.toContain(true);
});
