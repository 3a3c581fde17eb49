/** How a failed test is named at the end of a run, where even a log that is cut short shows it. */
import { stripVTControlCharacters } from 'node:util';

const LONGEST = 300;

/** A failed test in one line: its file, its name and the first line of why. */
export const failureLine = (file, name, message) => `${file}: ${name}: ${firstLine(message)}`;

/** The first line that says something; where it only announces what follows (`… deep-equal:`), that too. */
export function firstLine(text) {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first = 'no reason given'] = lines;
  return (first.endsWith(':') ? lines.join(' | ') : first).slice(0, LONGEST);
}
