import type { Field } from '../../../model/rule-field.ts';
import type { Match } from '../../../model/rule-match.ts';
import type { Extension } from '../options.ts';
import { compare, text, unmodelledMatch } from '../values.ts';

const KNOWN: ReadonlySet<string> = new Set(['--validmark', '--invert', '--loose', '--accept-local']);

const WITHOUT_MARK = ['reverse route', 'route to source'] as const satisfies readonly Field[];
const WITH_MARK = [
  'reverse route with mark',
  'route to source with mark',
] as const satisfies readonly Field[];

/** rpfilter_mt() of ipt_rpfilter.c and ip6t_rpfilter.c: there is a way back to the source. */
export function reversePath({ options, text: written }: Extension, family: 4 | 6): readonly Match[] {
  const has = (wanted: string): boolean => options.some(({ name }) => name === wanted);
  if (options.some(({ name }) => !KNOWN.has(name))) return [unmodelledMatch(written)];
  const [loose, invert] = [has('--loose'), has('--invert')];
  const [byDevice, byAny] = has('--validmark') ? WITH_MARK : WITHOUT_MARK;
  // rpfilter_lookup_reverse(): any way back will do, but not one to this machine itself.
  if (!has('--accept-local'))
    return loose
      ? [compare(byAny, [text('')], !invert)]
      : [compare(byDevice, [text(invert ? 'missing' : 'exists')])];
  // fib_info_nh_uses_dev(): IPv4 wants an address of the very interface, unless any way will do.
  const own: Field = loose || family === 6 ? 'saddr type' : 'saddr type iif';
  const way = loose ? byAny : byDevice;
  const none = text(loose ? '' : 'missing');
  const fields: readonly Field[] = [way, own];
  const tuples = NOT_OWN.map((type) => [none, text(type)]);
  return [{ type: 'compare', fields, negate: !invert, values: { type: 'inline', tuples } }];
}

/** What an address may be that is not this machine's. */
const NOT_OWN = ['unicast', 'broadcast', 'multicast', 'anycast'] as const;
