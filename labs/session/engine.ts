import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import type { Topology } from '../../diagnostics/model/topology.ts';
import type { FactSource } from '../../diagnostics/source.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { ApplyParams, ApplyResult, WhyParams } from './protocol.ts';

/** What a session asks of the diagnosis engine, about the hosts of one lab. */
export interface LabEngine {
  readonly source: FactSource;
  /** @param source other facts than the network's as it is now: those of one round of checks */
  why(params: WhyParams, source?: FactSource): Promise<Diagnosis>;
  apply(params: ApplyParams): Promise<ApplyResult>;
  /** @throws Refusal where nothing was applied */
  undo(params: WhyParams): Promise<Diagnosis>;
  topology(): Promise<Topology>;
  snapshot(): Promise<Snapshot>;
}
