import type { Localised } from '../model/language.ts';
import type { Finding } from './finding.ts';
import type { Situation } from './situation.ts';

/** How a cause is said: one sentence, then why, for somebody who has never seen it. Made of `params` alone. */
export interface CauseText {
  readonly summary: (params: Shown) => string;
  readonly explanation: (params: Shown) => string;
}

/** Params as text that is safe to show; '' for a param that is not there. */
export type Shown = (name: string) => string;

export interface CauseKind {
  readonly id: string;
  readonly find: (situation: Situation) => Finding | null;
  /**
   * The params that tell one fault from another, where findings of one may differ in the rest: several rules may be written for
   * one purpose. They are told as one cause, whose param `also` holds the other rules.
   */
  readonly purpose?: readonly string[];
  /** The params that are lists, their members joined by “, ”: Chinese has a comma of its own between them. */
  readonly lists?: readonly string[];
  readonly text: Localised<CauseText>;
}
