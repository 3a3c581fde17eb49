import type { Field } from '../../model/rule-field.ts';
import { at, isList, textAt, type Json } from './json.ts';
import { key, type Key } from './key.ts';

/** `fib daddr . iif type`: what the local table says of an address; `fib saddr . iif oif`: the device of a route. */
export function readFib(json: Json): Key | null {
  const flags = fibFlags(json);
  const result = textAt(json, 'result');
  if (result === 'oif' || result === 'oifname') {
    const field = routeField(flags);
    return field && key(field, 'interface');
  }
  if (result !== 'type') return null;
  const address = flags.includes('saddr') ? 'saddr' : flags.includes('daddr') ? 'daddr' : null;
  if (address === null) return null;
  const limit = flags.includes('iif') ? ' iif' : flags.includes('oif') ? ' oif' : '';
  return key(`${address} type${limit}`, 'text');
}

/**
 * The device of the route to one of the packet's ends; with `iif` it is that, or none. null: nft_fib_init() does not let
 * anybody ask for the route by the other interface.
 */
export function routeField(flags: readonly Json[]): Field | null {
  const marked = flags.includes('mark');
  if (flags.includes('oif')) return null;
  const source = flags.includes('saddr');
  if (flags.includes('iif'))
    return source
      ? marked
        ? 'reverse device with mark'
        : 'reverse device'
      : marked
        ? 'onward device with mark'
        : 'onward device';
  if (source) return marked ? 'route to source with mark' : 'route to source';
  return marked ? 'route to destination with mark' : 'route to destination';
}

/** `saddr`, `mark`, `iif` …, of which nft prints one alone without a list. */
export const fibFlags = (json: Json): readonly Json[] => {
  const flags = at(json, 'flags');
  return isList(flags) ? flags : flags === undefined ? [] : [flags];
};
