import type { Language } from '../messages.ts';

export interface SolutionCommand {
  readonly node: string;
  readonly text: string;
}

/** What the guide keeps while it is hidden: the hints and solutions that the learner has already been given. */
export interface Kept {
  readonly language: Language;
  readonly sandbox: string;
  readonly open: string | null;
  /** HTML of each hint, by step. */
  readonly hints: Readonly<Record<string, readonly string[]>>;
  readonly solutions: Readonly<Record<string, readonly SolutionCommand[]>>;
  /** The answer last chosen, by the question's text. */
  readonly answers: Readonly<Record<string, number>>;
}

export const NOTHING_KEPT: Kept = {
  language: 'en',
  sandbox: '',
  open: null,
  hints: {},
  solutions: {},
  answers: {},
};
