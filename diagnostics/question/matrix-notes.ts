import { containersOn } from '../model/engines.ts';
import type { Language } from '../model/language.ts';
import type { MatrixEnd, MatrixQuestion } from '../model/reach-matrix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { MATRIX_WORDS } from '../report/matrix-words.ts';
import { noteText, viewNotes } from './notes.ts';

/** What a reader of a matrix has to know: that nothing was sent, and who is not in it. */
export function matrixNotes(
  snapshot: Snapshot,
  ends: readonly MatrixEnd[],
  questions: readonly MatrixQuestion[],
  language: Language,
): readonly string[] {
  const words = MATRIX_WORDS[language];
  const still = snapshot.hosts.flatMap(containersOn).filter(({ namespace }) => namespace === null);
  return [
    words.predicted(questions[0]?.family ?? null),
    ...(ends.length < 2 ? [words.nobody] : []),
    ...(still.length > 0 ? [words.notRunning(still.length)] : []),
    ...viewNotes(snapshot).map((note) => noteText(note, language)),
  ];
}
