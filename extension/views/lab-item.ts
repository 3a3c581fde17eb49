import type { CheckStatus, FaultStatus, NodeStatus, StepStatus } from '../../labs/session/protocol.ts';
import type { CatalogEntry } from '../labs/catalog.ts';
import type { RunningLab } from '../labs/running-lab.ts';

/** What a row of the tree of labs stands for; commands get it. */
export type LabItem =
  | { readonly kind: 'lab'; readonly entry: CatalogEntry }
  | { readonly kind: 'running'; readonly lab: RunningLab }
  | { readonly kind: 'group'; readonly lab: RunningLab; readonly group: 'nodes' | 'faults' }
  | { readonly kind: 'step'; readonly lab: RunningLab; readonly step: StepStatus }
  | { readonly kind: 'check'; readonly lab: RunningLab; readonly step: string; readonly check: CheckStatus }
  | { readonly kind: 'node'; readonly lab: RunningLab; readonly node: NodeStatus }
  | { readonly kind: 'fault'; readonly lab: RunningLab; readonly fault: FaultStatus };
