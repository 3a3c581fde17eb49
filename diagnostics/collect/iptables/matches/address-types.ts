import type { Match, Value } from '../../../model/rule-match.ts';
import type { Extension } from '../options.ts';
import { compare, text, unmodelledMatch } from '../values.ts';
import { words } from './reader.ts';

/** With --limit-iface-in or -out only addresses of that interface count as local. */
export function addressTypes({ options, text: written }: Extension, family: 4 | 6): readonly Match[] {
  const limit = options.some(({ name }) => name === '--limit-iface-in')
    ? ' iif'
    : options.some(({ name }) => name === '--limit-iface-out')
      ? ' oif'
      : '';
  return options.flatMap((option): readonly Match[] => {
    const types = words(option).map((word) => word.toLowerCase());
    switch (option.name) {
      case '--src-type':
      case '--dst-type': {
        const address = option.name === '--src-type' ? 'saddr' : 'daddr';
        if (family === 4) return [compare(`${address} type${limit}`, types.map(text), option.negate)];
        return addressTypes6(address, limit, types, option.negate) ?? [unmodelledMatch(written)];
      }
      case '--limit-iface-in':
      case '--limit-iface-out':
        return [];
      default:
        return [unmodelledMatch(written)];
    }
  });
}

/** What IPv6 tells by the address alone: a local address is unicast too (match_type6() in xt_addrtype.c). */
const SHAPES_6: Readonly<Record<string, { readonly prefixes: readonly Value[]; readonly negate: boolean }>> =
  {
    unicast: {
      prefixes: [
        { type: 'prefix', address: 'ff00::', length: 8 },
        { type: 'prefix', address: '::', length: 128 },
      ],
      negate: true,
    },
    multicast: { prefixes: [{ type: 'prefix', address: 'ff00::', length: 8 }], negate: false },
    unspec: { prefixes: [{ type: 'prefix', address: '::', length: 128 }], negate: false },
  };

/** Those that a look-up tells: one of them is enough. */
const LOOKED_UP: ReadonlySet<string> = new Set(['local', 'anycast']);

/** Of several IPv6 types all have to hold; null where that cannot be said (the negation of several, rare types). */
function addressTypes6(
  address: 'saddr' | 'daddr',
  limit: '' | ' iif' | ' oif',
  types: readonly string[],
  negate: boolean,
): readonly Match[] | null {
  const shapes = types.filter((type) => !LOOKED_UP.has(type)).map((type) => SHAPES_6[type]);
  const lookedUp = types.filter((type) => LOOKED_UP.has(type));
  const known = shapes.filter((shape) => shape !== undefined);
  const asked = known.length + (lookedUp.length > 0 ? 1 : 0);
  if (known.length < shapes.length || (negate && asked > 1)) return null;
  return [
    ...known.map((shape) => compare(address, shape.prefixes, shape.negate !== negate)),
    ...(lookedUp.length > 0 ? [compare(`${address} type${limit}`, lookedUp.map(text), negate)] : []),
  ];
}
