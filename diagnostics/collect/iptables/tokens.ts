/** A word of an iptables-save line. A quoted one is never an option, whatever it begins with. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

const BLANKS = /[ \t]+/;

/**
 * Splits a line as iptables-restore does (xtables' add_param_to_argv()): words are separated by blanks, a double-quoted part may
 * hold blanks, and a backslash in it takes the next character literally. An unclosed quote ends with the line.
 */
export function tokenize(line: string): readonly Token[] {
  if (!line.includes('"'))
    return line.split(BLANKS).flatMap((text) => (text === '' ? [] : [{ text, quoted: false }]));
  const tokens: Token[] = [];
  let text = '';
  let started = false;
  let quoted = false;
  let inside = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (inside) {
      if (character === '\\' && at + 1 < line.length) text += line[++at] ?? '';
      else if (character === '"') inside = false;
      else text += character;
    } else if (character === '"') {
      inside = quoted = started = true;
    } else if (character === ' ' || character === '\t') {
      if (started) tokens.push({ text, quoted });
      text = '';
      started = quoted = false;
    } else {
      text += character;
      started = true;
    }
  }
  if (started) tokens.push({ text, quoted });
  return tokens;
}
