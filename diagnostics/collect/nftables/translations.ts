import { entry } from '../../host/external-json.ts';
import type { Translation, TranslationMapEntry } from '../../model/rule-map.ts';
import type { Match } from '../../model/rule-match.ts';
import type { RulePart } from '../../model/ruleset.ts';
import { compare, text } from '../iptables/values.ts';
import { at, type Json, listOf, textAt } from './json.ts';
import { readKey } from './keys.ts';
import { kindsOf, toTranslation, toTranslationEntries } from './sets.ts';

type Change = 'dnat' | 'snat' | 'redirect';

/** `dnat`, `snat`, `redirect` and `masquerade` statements; null where they are not understood. */
export function readTranslation(change: Change | 'masquerade', json: Json): readonly RulePart[] | null {
  const address = at(json, 'addr');
  const port = at(json, 'port');
  const family = entry<4 | 6>({ ip: 4, ip6: 6 }, textAt(json, 'family') ?? '');
  const map = at(address, 'map') ?? at(port, 'map');
  if (map !== undefined) {
    if (change === 'masquerade') return null;
    return readMap(change, map, family, at(address, 'map') === undefined ? undefined : port);
  }
  const addresses = address === undefined ? { to: {} } : toTranslation(address);
  const ports = port === undefined ? { to: {} } : toTranslation(port);
  if (!addresses || !ports || ports.to.address) return null;
  if (addresses.netmap !== undefined && addresses.to.address && isPrefixMapping(json))
    return [{ type: 'netmap', address: addresses.to.address.from, length: addresses.netmap }];
  const random = listOf(at(json, 'flags')).some((flag) => flag === 'random' || flag === 'fully-random');
  const to: Translation = {
    ...addresses.to,
    ...ports.to,
    ...(random && { random }),
    ...(listOf(at(json, 'flags')).includes('persistent') && { persistent: true }),
    ...(family && { family }),
  };
  if (change === 'masquerade') return [{ type: change, ...(to.ports && { ports: to.ports }) }];
  if (change === 'redirect')
    return [{ type: change, ...(to.ports && { ports: to.ports }), ...(random && { random }) }];
  return [{ type: change, ...to }];
}

const isPrefixMapping = (json: Json): boolean =>
  listOf(at(json, 'flags')).includes('netmap') || listOf(at(json, 'type_flags')).includes('prefix');

/** The network part of the packet's own address decides which pair of prefixes a netmap takes. */
function readMap(
  change: Change,
  map: Json,
  family: 4 | 6 | undefined,
  port: Json | undefined,
): readonly RulePart[] | null {
  const key = readKey(at(map, 'key'));
  const data = at(map, 'data');
  if (!key || data === undefined) return null;
  const requires: readonly Match[] = family
    ? [...key.requires, compare('nfproto', [text(family === 4 ? 'ipv4' : 'ipv6')])]
    : key.requires;
  const common = {
    type: 'translation-map',
    change,
    ...(family && { family }),
    fields: key.parts.map((part) => part.field),
  } as const;
  if (typeof data === 'string')
    return port === undefined
      ? [...requires, { ...common, map: { type: 'named', name: data.replace(/^@/, '') } }]
      : null;
  const entries = toTranslationEntries(at(data, 'set'), kindsOf(key.parts));
  const withPort = port === undefined ? undefined : toTranslation(port)?.to.ports;
  if (!entries || (port !== undefined && !withPort)) return null;
  const merged: readonly TranslationMapEntry[] = withPort
    ? entries.map((entry) => ({ ...entry, to: { ...entry.to, ports: withPort } }))
    : entries;
  const complete = key.chances !== undefined && entries.length >= key.chances;
  return [
    ...requires,
    { ...common, map: { type: 'inline', entries: merged, ...(complete && { complete }) } },
  ];
}
