import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseNftJson } from '../../../../diagnostics/collect/nftables.ts';
import type { RulePart } from '../../../../diagnostics/model/ruleset.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
/** What nft 1.0.6 prints of a table that holds about every expression it knows. */
const json = read('listing.json');
const text = read('listing.txt');
/** As `nft --debug=netlink list ruleset` shows the one rule that resets: it is for both families. */
const BYTECODE = 'inet fw f 118\n  [ reject type 1 code 0 ]\n';
const { tables, unknowns } = parseNftJson(json, text, BYTECODE);
const rules = tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));

/** The parts of the rule with this text, as short words. */
function partsOf(ruleText: string): readonly string[] {
  const rule = rules.find((one) => one.text === ruleText);
  if (!rule) throw new Error(`no rule ${ruleText}`);
  return rule.parts.map(short);
}

function short(part: RulePart): string {
  if (part.type !== 'compare') return JSON.stringify(part).replace(/[{}"]/g, '');
  const values = part.values.type === 'set' ? `@${part.values.name}` : JSON.stringify(part.values.tuples);
  return `${part.fields.join(' . ')} ${part.negate ? '!=' : '=='} ${values.replace(/"/g, '')}`;
}

const TCP = 'l4proto == [[{type:number,value:6}]]';
const IPV4 = 'nfproto == [[{type:text,value:ipv4}]]';

describe('an nft listing', () => {
  it('is understood as a whole, with rules as nft writes them', () => {
    expect(unknowns).toEqual([]);
    expect(rules).toHaveLength(JSON.parse(json).nftables.filter((one: object) => 'rule' in one).length);
    expect(rules.map((rule) => rule.text)).toContain('ct state != new counter accept');
    expect(rules.filter((rule) => rule.text.startsWith('['))).toEqual([]);
  });

  it('has base chains where the kernel calls them', () => {
    expect(tables[0]?.chains.map(({ name, base }) => [name, base])).toEqual([
      ['x', undefined],
      ['pre', { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' }],
      ['post', { type: 'nat', hook: 'postrouting', priority: 105, policy: 'accept' }],
      ['f', { type: 'filter', hook: 'forward', priority: -1, policy: 'drop' }],
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['tcp dport 5 dnat to :8080', [TCP, 'dport == [[{type:number,value:5}]]', 'type:dnat,ports:[8080,8080]']],
    [
      'ct state != new counter accept',
      ['ct state != [[{type:text,value:new}]]', 'type:none,text:counter', 'type:verdict,verdict:type:accept'],
    ],
    ['ip saddr . tcp dport @s drop', [IPV4, TCP, 'saddr . dport == @s', 'type:verdict,verdict:type:drop']],
    [
      'tcp flags syn,rst drop',
      [TCP, 'tcp flags != [[{type:bits,mask:6,value:0}]]', 'type:verdict,verdict:type:drop'],
    ],
    [
      'tcp flags ! syn drop',
      [TCP, 'tcp flags == [[{type:bits,mask:2,value:0}]]', 'type:verdict,verdict:type:drop'],
    ],
    [
      'fib daddr . iif type { local, broadcast } drop',
      [
        'daddr type iif == [[{type:text,value:local}],[{type:text,value:broadcast}]]',
        'type:verdict,verdict:type:drop',
      ],
    ],
    [
      'fib saddr . mark . iif oif missing drop',
      ['reverse route with mark == [[{type:text,value:missing}]]', 'type:verdict,verdict:type:drop'],
    ],
    ['reject with icmp host-prohibited', [IPV4, 'type:reject,with:icmp-host-prohibited']],
    ['meta mark set meta mark & 0xfffffeff ^ 0x00000001', ['type:set-mark,mask:256,value:1']],
    [
      'ip saddr < 10.0.0.0 accept',
      [IPV4, 'saddr == [[{type:range,from:0.0.0.0,to:9.255.255.255}]]', 'type:verdict,verdict:type:accept'],
    ],
    ['snat ip to 1.2.3.4', ['type:snat,address:from:1.2.3.4,to:1.2.3.4,family:4']],
  ])('%s', (rule, parts) => {
    expect(partsOf(rule)).toEqual(parts);
  });

  it('leaves out nothing: what is not modelled is said to be', () => {
    const unmodelled = rules.filter(({ parts }) => parts.some(({ type }) => type === 'unmodelled'));
    expect(unmodelled.map((rule) => rule.text)).toEqual([
      'update @dyn { ip saddr timeout 5s limit rate 3/second } accept',
      'meta cpu 1 accept',
      'limit rate 5/second accept',
      'limit rate over 5/second drop',
      'iifname "very?weird" ct id 5',
    ]);
  });

  it('knows which sets rules fill', () => {
    expect(tables[0]?.sets.map(({ name, dynamic }) => [name, dynamic])).toEqual([
      ['s', false],
      ['dyn', true],
      ['t', false],
      ['n', false],
      ['vm', false],
      ['dm', false],
      ['mm', false],
    ]);
  });

  it('of a dormant table has no base chain', () => {
    const dormant = JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 't', flags: ['dormant'] } },
        {
          chain: {
            family: 'ip',
            table: 't',
            name: 'c',
            type: 'filter',
            hook: 'input',
            prio: 0,
            policy: 'drop',
          },
        },
      ],
    });
    expect(parseNftJson(dormant, '').tables[0]?.chains).toEqual([{ name: 'c', rules: [] }]);
  });

  it('that is damaged never throws, and is never taken for empty', () => {
    fc.assert(
      fc.property(fc.nat(json.length), fc.nat(200), fc.string(), (from, length, junk) => {
        const damaged = json.slice(0, from) + junk + json.slice(from + length);
        const parsed = parseNftJson(damaged, text);
        expect(parsed.tables.length + parsed.unknowns.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
    expect(parseNftJson('not JSON', '').unknowns).not.toEqual([]);
  });

  it('and nothing at all is none: nft prints its version where there are no tables', () => {
    expect(parseNftJson('', '').unknowns).not.toEqual([]);
  });

  it('whose values are of unexpected kinds never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const statements = [
          { match: { op: '==', left, right } },
          { [JSON.stringify(left).slice(0, 8)]: right },
          { vmap: right },
          { dnat: left },
          { mangle: { key: { meta: { key: 'mark' } }, value: left } },
          left,
        ];
        const listing = {
          nftables: [
            { table: { family: 'ip', name: 't' } },
            { chain: { family: 'ip', table: 't', name: 'c' } },
            { rule: { family: 'ip', table: 't', chain: 'c', expr: statements } },
          ],
        };
        expect(parseNftJson(JSON.stringify(listing), '').tables).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});
