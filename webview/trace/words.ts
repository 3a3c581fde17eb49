import type { Leg } from '../../diagnostics/model/diagnosis.ts';
import type { Disposition, RuleReference, Step } from '../../diagnostics/model/trace.ts';

export type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** A trace in words: one function a kind of step, one sentence each. */
export interface TraceWords {
  readonly step: { readonly [K in Step['kind']]: (step: StepOf<K>) => string };
  /** What became of the packet, in a few words. */
  readonly disposition: Readonly<Record<Disposition, string>>;
  /** `rule 3 of chain FORWARD`, or the chain's policy. */
  readonly rule: (rule: RuleReference) => string;
  readonly leg: Readonly<Record<Leg['kind'], string>>;
  /** Of one of several ways that the kernel draws between. */
  readonly byChance: (chance: { readonly way: number; readonly of: number }) => string;
  readonly there: string;
  readonly back: string;
  /** Of the interfaces by which a packet enters and leaves a namespace. */
  readonly between: (inDev: string | null, outDev: string | null) => string;
}
