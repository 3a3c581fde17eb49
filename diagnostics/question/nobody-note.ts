import type { Flow } from '../model/flow.ts';
import type { Note } from './notes.ts';
import type { Target } from './target.ts';

/** That TO's name was answered with an address which is nobody's. */
export const nobodyNote = ({ to, fromText }: Flow, { naming }: Target): readonly Note[] =>
  to.type === 'name' && naming?.unspecified !== undefined
    ? [
        {
          type: 'names-nobody',
          name: to.name,
          address: naming.unspecified,
          asker: fromText,
          by: naming.source,
        },
      ]
    : [];
