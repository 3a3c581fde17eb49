import { entry } from '../../host/external-json.ts';
import type { Action, FrameChange, PacketType } from '../../model/rule-action.ts';
import type { Match } from '../../model/rule-match.ts';
import type { RulePart } from '../../model/ruleset.ts';
import { compare, number } from '../iptables/values.ts';
import { TCP } from '../protocol-numbers.ts';
import { readSource } from './computed.ts';
import { at, isList, type Json, numberAt, textAt } from './json.ts';
import { headerOf } from './keys.ts';
import { packetType, toNumber } from './kinds.ts';
import { readMarkMap, readMarkStatement } from './marks.ts';
import { targetOf } from './targets.ts';

/** Fields that may be set to anything: no end minds. A rule that reads them later is not told (`ip id`, a hash of the flow). */
const HARMLESS_FIELDS = new Set(['ip id', 'ip6 flowlabel']);

/** `… set …`: what of the packet, its connection or its frame becomes another. */
export const readMangle = (json: Json, ruleText: string): readonly RulePart[] =>
  readMarkMap(json) ?? readMarks(json) ?? readRewrite(json) ?? readChange(json, ruleText);

/** `meta mark set …`, `ct mark set …`; null: it is another statement, or not modelled. */
function readMarks(json: Json): readonly RulePart[] | null {
  const place = targetOf(at(json, 'key'))?.target;
  return place === 'mark' || place === 'ct mark' ? readMarkStatement(place, at(json, 'value')) : null;
}

/** `ip daddr set 10.0.0.2`, `tcp dport set tcp sport`, `meta mark set ip dscp`; null: another statement, or not modelled. */
function readRewrite(json: Json): readonly RulePart[] | null {
  const place = targetOf(at(json, 'key'));
  const source = place && readSource(at(json, 'value'), place.kind);
  if (!source || place.target === 'ct zone') return null;
  return [
    ...place.requires,
    ...source.requires,
    { type: 'rewrite', target: place.target, value: source.value },
  ];
}

/** What else the packet has to be, and the change. */
function readChange(json: Json, ruleText: string): readonly RulePart[] {
  const target = at(json, 'key');
  const option = at(target, 'tcp option') === undefined ? [] : [compare('l4proto', [number(TCP)])];
  const requires: readonly Match[] = [...headerOf(target), ...option];
  return [...requires, readAction(target, json, ruleText)];
}

function readAction(target: Json | undefined, json: Json, ruleText: string): Action {
  const value = at(json, 'value');
  const unmodelled: Action = { type: 'unmodelled', text: ruleText, decides: false };
  const meta = textAt(at(target, 'meta'), 'key');
  const ct = textAt(at(target, 'ct'), 'key');
  if (ct === 'zone') return readZone(target, value) ?? unmodelled;
  if (ct === 'label') {
    const labels = labelBits(value);
    return labels ? { type: 'set-label', labels } : unmodelled;
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
    (meta !== null && ['nftrace', 'secmark', 'cgroup'].includes(meta)) ||
    (ct !== null && ['event', 'secmark'].includes(ct)) ||
    option !== undefined;
  return harmless ? { type: 'none', text: ruleText } : unmodelled;
}

/** `ct zone set 5`, `ct original zone set meta mark`. */
function readZone(target: Json | undefined, value: Json | undefined): Action | null {
  const direction = textAt(at(target, 'ct'), 'dir');
  const directions = direction === 'original' || direction === 'reply' ? direction : 'both';
  const id = textAt(at(value, 'meta'), 'key') === 'mark' ? 'mark' : toNumber(value, 'number');
  return id === null ? null : { type: 'set-zone', id, directions };
}

/** Numbers of bits; names of connlabel.conf are not known here. */
function labelBits(json: Json | undefined): readonly number[] | null {
  const list = at(json, '|') ?? json;
  const bits = (isList(list) ? list : [list]).map((one) => toNumber(one, 'number'));
  const known = bits.filter((bit) => bit !== null);
  return known.length === bits.length ? known : null;
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
