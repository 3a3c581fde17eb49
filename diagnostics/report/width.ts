/** East Asian wide and fullwidth characters, and emoji: two columns of a terminal each (UAX #11). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
const NO_WIDTH = /^\p{Mn}$/u;

/** Columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

export const padTo = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/**
 * Breaks a text into lines of at most so many columns: at blanks, and between wide characters (never before punctuation that
 * closes). A word longer than a line stands alone on one.
 */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text)) {
    const joined = line === '' ? piece.trimStart() : line + piece;
    if (line !== '' && columnsOf(joined.trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    } else line = joined;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}

const CLOSING = /^[，。；：？！、）」』”’》…\])]/u;

function pieces(text: string): readonly string[] {
  const found: string[] = [];
  for (const word of text.split(/(?<=\s)(?=\S)/)) {
    let piece = '';
    for (const character of word) {
      const breakable = piece !== '' && (WIDE.test(character) || WIDE.test(piece.slice(-1)));
      if (breakable && !CLOSING.test(character) && !/[（「『“‘《[(]$/u.test(piece)) {
        found.push(piece);
        piece = '';
      }
      piece += character;
    }
    if (piece !== '') found.push(piece);
  }
  return found;
}
