import type { Finding, Remedy } from '../causes/finding.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { FlowStart } from '../simulate/start.ts';

/** A cause, the facts as they were where it was found, and its remedies, the best first. */
export interface Found {
  readonly finding: Finding;
  /** With the causes before it mended. */
  readonly before: Snapshot;
  /** What was asked then. */
  readonly start: FlowStart | null;
  readonly remedies: readonly Remedy[];
}
