import type { Flow } from '../model/flow.ts';
import type { OtherFlowsOf } from '../model/flow-effects.ts';
import type { Language } from '../model/language.ts';
import type { Explained } from './explain-question.ts';
import type { FactReader } from './fact-reader.ts';
import type { FoundTarget } from './find-target.ts';
import type { Way, WayProbes } from './judge-way.ts';
import type { OtherFamily } from './other-family.ts';
import type { Proven } from './proof.ts';
import type { ProxyWay } from './proxy.ts';
import { metBySenders, type Met } from './sender-causes.ts';

/** What the fixes turned out to do on paper. */
export interface Proof extends Proven {
  readonly otherFlows: OtherFlowsOf | null;
}

/** All that was found out about a question. */
export interface Gathered {
  readonly facts: FactReader;
  readonly flow: Flow;
  readonly language: Language;
  /** What TO turned out to be. */
  readonly name: FoundTarget;
  readonly other: OtherFamily | null;
  readonly ways: readonly Way[];
  /** Of each way. */
  readonly probes: readonly WayProbes[];
  readonly proxied: ProxyWay | null;
  readonly explained: Explained;
  readonly proof: Proof;
  /** Milliseconds. */
  readonly probeTime: number;
}

/** What senders were told, or met, when the kernel was asked. */
export const metBy = ({ ways, probes }: Gathered): readonly Met[] =>
  metBySenders(ways.map(({ start }, index) => ({ start, raw: probes[index]?.own ?? null })));
