import { entry } from '../../host/external-json.ts';
import { familyOf } from '../../model/ip.ts';
import type { Verdict } from '../../model/rule-map.ts';
import type { Match } from '../../model/rule-match.ts';
import type { RulePart } from '../../model/ruleset.ts';
import { compare, number, text, unmodelledMatch } from '../iptables/values.ts';
import { TCP } from '../protocol-numbers.ts';
import { at, bareElement, isList, isObject, type Json, listOf, textAt } from './json.ts';
import { readKey } from './keys.ts';
import { readMangle } from './mangle.ts';
import { readCount, readElementLimit, readQuota, SOMETIMES } from './limits.ts';
import { readMatchStatement } from './match.ts';
import { kindsOf, toVerdict, toVerdictEntries } from './sets.ts';
import { tcpOptionKind } from './tcp-options.ts';
import { readTranslation } from './translations.ts';

/** Statements that leave the packet's way alone. */
const HARMLESS = new Set([
  'counter',
  'log',
  'dup',
  'flow',
  'last',
  'ct timeout',
  'ct expectation',
  'secmark',
]);

/** Statements that take the packet away, or hand it to a program. */
const TAKES = new Set(['fwd']);

/** One statement of a rule. What is not understood becomes unmodelled, never nothing. `last`: nothing follows. */
export function readStatement(json: Json, ruleText: string, last: boolean): readonly RulePart[] {
  if (typeof json === 'string' && HARMLESS.has(json)) return [{ type: 'none', text: json }];
  // nft (seen in 1.0.6) does not put changes of maps into JSON: `add @m { ip saddr : 10.0.0.1 }`.
  const filled = typeof json === 'string' ? /^(?:add|update|delete) @(\S+) \{/.exec(json)?.[1] : undefined;
  if (filled !== undefined) return [{ type: 'fill', set: filled }];
  const [name] = isObject(json) ? Object.keys(json) : [];
  if (name === undefined) return unknown(ruleText, last);
  const body = at(json, name) ?? null;
  if (HARMLESS.has(name)) return [{ type: 'none', text: name }];
  if (name === 'ct count') return [readCount(body) ?? unmodelledMatch(name)];
  if (name === 'quota') return [readQuota(body) ?? unmodelledMatch(name, 'amount')];
  // nft_dynset_eval(): what has no such element goes to the next rule.
  if (name === 'meter')
    return [...(readKey(at(body, 'key'))?.requires ?? []), ...readElementLimit(at(body, 'stmt'), name)];
  if (SOMETIMES.has(name)) return [unmodelledMatch(name, 'rate')];
  if (TAKES.has(name)) return [{ type: 'unmodelled', text: name, decides: true }];
  const verdict = toVerdict(json);
  if (verdict) return [{ type: 'verdict', verdict }];
  switch (name) {
    case 'match':
      return readMatchStatement(body, ruleText);
    case 'vmap':
      return readVerdictMap(body) ?? unknown(ruleText, true);
    case 'reject':
      return readReject(body);
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade':
      return readTranslation(name, body) ?? unknown(ruleText, true);
    case 'mangle':
      return readMangle(body, ruleText);
    case 'reset': {
      const kind = tcpOptionKind(at(body, 'tcp option'));
      // nft_exthdr_tcp_strip_eval(): what is no TCP ends the rule.
      return kind === null
        ? unknown(ruleText, false)
        : [compare('l4proto', [number(TCP)]), { type: 'remove-tcp-options', kinds: [kind] }];
    }
    case 'ct helper':
      return [{ type: 'assign-helper' }];
    case 'tproxy':
      return readClaim(body);
    // nft_synproxy_do_eval(): what is not TCP goes to the next rule.
    case 'synproxy':
      return [compare('l4proto', [number(TCP)]), { type: 'answer-syn' }];
    case 'notrack':
      return [{ type: 'notrack' }];
    case 'queue':
      return [{ type: 'verdict', verdict: readQueue(body) }];
    case 'set':
    case 'map':
      // Filling a set lets every packet on, unless the element carries a limit.
      return [...readFill(body), ...readElementLimit(at(body, 'stmt'), name)];
    default:
      return unknown(ruleText, last);
  }
}

/** `add @recent { ip saddr timeout 1m }`, `delete @allowed { ip saddr . tcp dport }`. */
function readFill(json: Json): readonly RulePart[] {
  const set = (textAt(json, 'set') ?? textAt(json, 'map') ?? '').replace(/^@/, '');
  const op = textAt(json, 'op');
  const change = op === 'delete' ? 'delete' : op === 'add' || op === 'update' ? 'add' : null;
  const element = at(json, 'elem');
  const key = readKey(element === undefined ? undefined : bareElement(element));
  if (!key || change === null) return [{ type: 'fill', set }];
  return [...key.requires, { type: 'fill', set, change, fields: key.parts.map(({ field }) => field) }];
}

/** `tproxy ip to 127.0.0.1:3128`; in a table for both families the address says which is meant, or the word does. */
function readClaim(json: Json): readonly RulePart[] {
  const [address, port] = [textAt(json, 'addr'), at(json, 'port')];
  const named = entry<4 | 6>({ ip: 4, ip6: 6 }, textAt(json, 'family') ?? '');
  const family = named ?? (address === null ? undefined : (familyOf(address) ?? undefined));
  if (
    (port !== undefined && typeof port !== 'number') ||
    (address === null && at(json, 'addr') !== undefined)
  )
    return [{ type: 'unmodelled', text: 'tproxy', decides: true }];
  return [
    {
      type: 'claim',
      ...(family && { family }),
      ...(address !== null && { address }),
      ...(port !== undefined && { port }),
      otherwise: 'next',
    },
  ];
}

/** `queue num 1-3 bypass`; where a hash or a map chooses the queue, nobody knows which. */
function readQueue(json: Json): Verdict {
  const num = at(json, 'num') ?? 0;
  const range = at(num, 'range');
  const [from, to] = isList(range) ? range : [num, num];
  const bypass = listOf(at(json, 'flags')).includes('bypass');
  return {
    type: 'queue',
    ...(typeof from === 'number' && typeof to === 'number' ? { numbers: [from, to] as const } : {}),
    ...(bypass ? { bypass } : {}),
  };
}

/** Something that may be a match; as the last statement it may as well decide. */
const unknown = (ruleText: string, last: boolean): readonly RulePart[] =>
  last ? [{ type: 'unmodelled', text: ruleText, decides: true }] : [unmodelledMatch(ruleText)];

function readVerdictMap(json: Json): readonly RulePart[] | null {
  const key = readKey(at(json, 'key'));
  const data = at(json, 'data');
  if (!key || data === undefined) return null;
  const fields = key.parts.map(({ field }) => field);
  if (typeof data === 'string')
    return [
      ...key.requires,
      { type: 'verdict-map', fields, map: { type: 'named', name: data.replace(/^@/, '') } },
    ];
  const entries = toVerdictEntries(at(data, 'set'), kindsOf(key.parts));
  if (!entries) return null;
  const complete = key.chances !== undefined && entries.length >= key.chances;
  return [
    ...key.requires,
    { type: 'verdict-map', fields, map: { type: 'inline', entries, ...(complete && { complete }) } },
  ];
}

const ICMP_ANSWERS: Readonly<Record<string, string>> = { 'prot-unreachable': 'icmp-proto-unreachable' };
const ICMPV6_ANSWERS: Readonly<Record<string, string>> = { 'admin-prohibited': 'icmp6-adm-prohibited' };

/** A plain `reject` is icmpx port-unreachable. An answer of one family is given to packets of that family only. */
function readReject(json: Json): readonly RulePart[] {
  const expression = textAt(json, 'expr') ?? 'port-unreachable';
  const answer = (word: string, ...requires: readonly Match[]): readonly RulePart[] => [
    ...requires,
    { type: 'reject', with: word },
  ];
  switch (textAt(json, 'type')) {
    case 'tcp reset':
      // nft makes such a rule ask for TCP, and does not always list it.
      return answer('tcp-reset', compare('l4proto', [number(TCP)]));
    case 'icmp':
      return answer(
        entry(ICMP_ANSWERS, expression) ?? `icmp-${expression}`,
        compare('nfproto', [text('ipv4')]),
      );
    case 'icmpv6':
      return answer(ICMPV6_ANSWERS[expression] ?? `icmp6-${expression}`, compare('nfproto', [text('ipv6')]));
    default:
      return answer(`icmpx-${expression}`);
  }
}
