/**
 * The commands of a code block, one each: a line that ends in a backslash goes on in the next (a newline in a terminal
 * would run the first half). Comments and empty lines are kept as lines that cannot be run.
 */
export function commandsOf(text: string): readonly { readonly text: string; readonly runnable: boolean }[] {
  return text
    .replace(/\\\n\s*/g, '')
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => ({ text: line, runnable: line.trim() !== '' && !line.trimStart().startsWith('#') }));
}
