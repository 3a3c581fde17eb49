import type { FixStep } from '../model/diagnosis.ts';
import { engineCommand, engineOfKey } from '../model/engines.ts';
import type { HostId } from '../model/ids.ts';
import { findHost, type Snapshot } from '../model/snapshot.ts';

/** An engine that something is done to: of a host, by its key where it is not the docker client's. */
export interface EnginePlace {
  readonly host: HostId;
  readonly engine?: string;
}

/** A command to an engine, by its own client. */
export function command(
  snapshot: Snapshot,
  { host, engine }: EnginePlace,
  ...words: readonly string[]
): FixStep {
  const asked = engineOfKey(findHost(snapshot, host), engine);
  return {
    kind: 'engine',
    host,
    namespace: null,
    argv: asked ? engineCommand(asked, ...words) : [clientOf(engine), ...words],
  };
}

/** The name of the client, for a line that a person adapts. */
export const clientOf = (engine: string | undefined): string =>
  (engine ?? 'docker').split('@')[0] ?? 'docker';
