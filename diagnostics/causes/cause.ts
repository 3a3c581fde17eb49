import type { Evidence } from '../model/diagnosis.ts';
import type { HostId, NamespaceId } from '../model/ids.ts';
import type { Localised } from '../model/language.ts';
import type { FixAction } from '../fixes/registry.ts';
import type { Situation } from './situation.ts';

export type Params = Readonly<Record<string, string | number | boolean | null>>;

/** What a cause found, before it is said in a language. */
export interface Finding {
  readonly id: string;
  /** Where it is; null where it is in no namespace (a stopped container). */
  readonly place: { readonly namespace: NamespaceId } | { readonly host: HostId; readonly label: string };
  readonly certainty: 'certain' | 'likely' | 'possible';
  readonly params: Params;
  readonly evidence: readonly Evidence[];
  /** Equally good ways to mend it, the smallest first. */
  readonly remedies: readonly Remedy[];
}

/** What to do, in order. */
export interface Remedy {
  readonly actions: readonly FixAction[];
}

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
  readonly text: Localised<CauseText>;
}
