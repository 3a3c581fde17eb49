import { withoutDot } from '../simulate/names/dns-search.ts';
import type { Flow } from '../model/flow.ts';
import type { Note } from './notes.ts';
import type { Target } from './target.ts';

/** Where the address that was asked for is another name's: one that the search list made of TO. */
export function searchedNote({ to }: Flow, { naming }: Target): readonly Note[] {
  if (to.type !== 'name' || !naming || naming.by === 'hosts' || naming.by === 'literal') return [];
  const { name } = to;
  const same = withoutDot(naming.query).toLowerCase() === withoutDot(name).toLowerCase();
  return same ? [] : [{ type: 'searched', name, query: naming.query, address: naming.addresses[0] ?? '' }];
}
