/**
 * Splits a rule as iptables-save prints it into arguments: blanks separate, double quotes hold together, a backslash
 * keeps the next character (xtables_save_string).
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)/g;
  for (const [, quoted, bare] of text.matchAll(pattern))
    words.push((quoted ?? bare ?? '').replace(/\\(.)/g, '$1'));
  return words;
}
