import type { Language } from '../messages.ts';
import type { Positions } from './canvas.ts';

/** What the map keeps while it is hidden. */
export interface Kept {
  readonly language: Language;
  readonly positions: Positions;
  /** Ids of the groups whose insides are hidden. */
  readonly collapsed: readonly string[];
  readonly list: boolean;
  readonly table: boolean;
  readonly title: string;
}
