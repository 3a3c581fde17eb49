import { UNSEEN } from '../diagnostics/model/display-text.ts';

/**
 * One JSON value for standard output: the same for whoever parses it, and harmless for whoever only looks at it: JSON.stringify
 * leaves DEL, C1 controls, invisible characters and direction marks as they are.
 */
export const jsonText = (value: unknown): string =>
  // Outside of strings there are only line ends, which stay; inside, JSON allows every character to be escaped.
  `${JSON.stringify(value, null, 2).replace(UNSEEN, (found) => (found === '\n' ? found : units(found).join('')))}\n`;

const units = (character: string): readonly string[] =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  );
