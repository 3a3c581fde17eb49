import { entry } from '../../host/external-json.ts';
import { familyOf } from '../../model/ip.ts';
import type { Action, FrameChange, Match, PacketType, RulePart, Verdict } from '../../model/ruleset.ts';
import { compare, number, text, unmodelledMatch } from '../iptables/values.ts';
import { TCP } from '../protocol-numbers.ts';
import { at, bareElement, isList, isObject, type Json, listOf, numberAt, textAt } from './json.ts';
import { readKey } from './keys.ts';
import { packetType, toNumber } from './kinds.ts';
import { readMarkMap, readMarkStatement } from './marks.ts';
import { readMatchStatement } from './match.ts';
import { kindsOf, toVerdict, toVerdictEntries } from './sets.ts';
import { readTranslation } from './translations.ts';

/** Statements that leave the packet's way alone. */
const HARMLESS = new Set([
  'counter',
  'log',
  'dup',
  'flow',
  'last',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'reset',
]);

/** Fields that may be set to anything: no rule that reads them is decided by it, and no end minds. */
const HARMLESS_FIELDS = new Set(['ip id', 'ip6 flowlabel']);

/** Statements that hold for some packets only, as chance or history has it. */
const SOMETIMES = new Set(['limit', 'quota', 'ct count', 'meter']);

/** Statements that take the packet away, or hand it to a program. */
const TAKES = new Set(['fwd', 'synproxy']);

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
  if (SOMETIMES.has(name)) return [unmodelledMatch(name)];
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
      return readMarkMap(body) ?? readMarks(body) ?? [readMangle(body, ruleText)];
    case 'tproxy':
      return readClaim(body);
    case 'notrack':
      return [{ type: 'notrack' }];
    case 'queue':
      return [{ type: 'verdict', verdict: readQueue(body) }];
    case 'set':
    case 'map':
      // Filling a set lets every packet on, unless the element carries a limit.
      return [
        ...readFill(body),
        ...(listOf(at(body, 'stmt')).some(
          (inner) => isObject(inner) && Object.keys(inner).some((key) => SOMETIMES.has(key)),
        )
          ? [unmodelledMatch(name)]
          : []),
      ];
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

/** `meta mark set …`, `ct mark set …`; null: it is another statement, or not modelled. */
function readMarks(json: Json): readonly RulePart[] | null {
  const target = at(json, 'key');
  if (textAt(at(target, 'meta'), 'key') === 'mark') return readMarkStatement('mark', at(json, 'value'));
  return textAt(at(target, 'ct'), 'key') === 'mark' ? readMarkStatement('ct mark', at(json, 'value')) : null;
}

/** `ip ttl set …`, `ip dscp set …`: changes of what later rules or the walk look at; the rest is harmless. */
function readMangle(json: Json, ruleText: string): Action {
  const target = at(json, 'key');
  const value = at(json, 'value');
  const unmodelled: Action = { type: 'unmodelled', text: ruleText, decides: false };
  const meta = textAt(at(target, 'meta'), 'key');
  const ct = textAt(at(target, 'ct'), 'key');
  if (ct === 'zone') {
    const direction = textAt(at(target, 'ct'), 'dir');
    const directions = direction === 'original' || direction === 'reply' ? direction : 'both';
    const id = textAt(at(value, 'meta'), 'key') === 'mark' ? 'mark' : toNumber(value, 'number');
    return id === null ? unmodelled : { type: 'set-zone', id, directions };
  }
  const option = at(target, 'tcp option');
  if (textAt(option, 'name') === 'maxseg') {
    const mss = numberAt(json, 'value');
    if (mss !== null) return { type: 'clamp-mss', mss };
    if (textAt(at(value, 'rt'), 'key') === 'mtu') return { type: 'clamp-mss', mss: 'route' };
  }
  const payload = at(target, 'payload');
  const field = textAt(payload, 'field');
  const frame = readFrameChange(`${textAt(payload, 'protocol')} ${field}`, meta, value);
  if (frame) return frame;
  const ttl = numberAt(json, 'value');
  if ((field === 'ttl' || field === 'hoplimit') && ttl !== null)
    return { type: 'set-ttl', change: 'set', value: ttl };
  if (field === 'dscp' || field === 'ecn') {
    const tos = toNumber(value, field);
    if (tos === null) return unmodelled;
    return field === 'dscp'
      ? { type: 'set-tos', mask: 0xfc, value: tos << 2 }
      : { type: 'set-tos', mask: 0x03, value: tos };
  }
  // Nobody looks at these on the way.
  const unseen = field !== null && HARMLESS_FIELDS.has(`${textAt(payload, 'protocol')} ${field}`);
  const harmless =
    unseen ||
    (meta !== null && ['nftrace', 'priority', 'secmark', 'cgroup'].includes(meta)) ||
    (ct !== null && ['label', 'helper', 'event', 'secmark'].includes(ct)) ||
    option !== undefined;
  return harmless ? { type: 'none', text: ruleText } : unmodelled;
}

/** `ether daddr set 02:00:00:00:00:01`, `meta pkttype set host`; null: another statement, or not modelled. */
function readFrameChange(target: string, meta: string | null, value: Json | undefined): FrameChange | null {
  if (typeof value !== 'string') return null;
  const type = meta === 'pkttype' ? entry(PACKET_TYPES, packetType(value)) : undefined;
  if (type) return { type: 'set-packet-type', to: type };
  const end = entry<'source' | 'destination'>(
    { 'ether saddr': 'source', 'ether daddr': 'destination' },
    target,
  );
  return end && /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(value)
    ? { type: 'set-ether', end, address: value.toLowerCase() }
    : null;
}

const PACKET_TYPES: Readonly<Record<string, PacketType>> = {
  host: 'host',
  broadcast: 'broadcast',
  multicast: 'multicast',
  otherhost: 'otherhost',
};
