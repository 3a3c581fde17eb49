import type { Certainty, Evidence } from '../model/diagnosis.ts';
import type { HostId, NamespaceId } from '../model/ids.ts';
import type { Trace } from '../model/trace.ts';
import type { FixAction } from '../fixes/registry.ts';

/** The facts of a finding, of which its text is made. */
export type Params = Readonly<Record<string, string | number | boolean | null>>;

/** What a cause found, before it is said in a language. */
export interface Finding {
  readonly id: string;
  /** Where it is: a stopped container is in no namespace, but on a host. */
  readonly place: { readonly namespace: NamespaceId } | { readonly host: HostId; readonly label: string };
  readonly certainty: Certainty;
  readonly params: Params;
  readonly evidence: readonly Evidence[];
  /** Equally good ways to mend it, the smallest first. */
  readonly remedies: readonly Remedy[];
}

/** What to do, in order. */
export interface Remedy {
  readonly actions: readonly FixAction[];
}

/** Of what a walk shows: likely where it had to guess on its way. */
export const certaintyOf = ({ certain }: Pick<Trace, 'certain'>): Certainty =>
  certain ? 'certain' : 'likely';
