import type { Snapshot } from '../diagnostics/model/snapshot.ts';
import { noteText, viewNotes } from '../diagnostics/question/notes.ts';
import { chosenLanguage } from './style.ts';
import type { Terminal } from './terminal.ts';

/** Says on standard error what of the machine could not be seen, and how to see it. */
export function sayUnseen(snapshot: Snapshot, terminal: Terminal): void {
  const language = chosenLanguage(undefined, terminal);
  for (const note of viewNotes(snapshot)) terminal.stderr(`${noteText(note, language)}\n`);
}
