import { UNSEEN } from './display-text.ts';

/**
 * A word as a shell takes it back unchanged, and as a person sees it: nothing in it is obeyed, by the shell it is pasted into
 * or by the terminal it is shown in.
 */
export function shellWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (word.search(UNSEEN) === -1) return `'${word.replaceAll("'", "'\\''")}'`;
  // A quote as `\x27`, so that a shell without `$'…'` (dash) takes the whole for one harmless word too.
  return `$'${word.replaceAll('\\', '\\\\').replaceAll("'", '\\x27').replace(UNSEEN, escaped)}'`;
}

/** As `$'…'` of bash, zsh and ksh takes it back. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
