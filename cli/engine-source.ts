import { createLiveSource } from '../diagnostics/collect/live-source.ts';
import { loadSnapshot, SnapshotError, snapshotSource } from '../diagnostics/collect/snapshot-file.ts';
import { openMachine } from '../diagnostics/host/local-machine.ts';
import type { Machine } from '../diagnostics/host/machine.ts';
import type { FactSource } from '../diagnostics/source.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import { CommandError, EXIT } from './exit.ts';

/** Where a command's facts come from, and where it may run something (null: a file cannot be changed). */
export interface OpenedSource {
  readonly source: FactSource;
  readonly machine: Machine | null;
}

/** This machine, or a snapshot file. Throws `CommandError` for a file that cannot be used. */
export async function openSource(
  snapshotFile: string | undefined,
  signal?: AbortSignal,
): Promise<OpenedSource> {
  if (snapshotFile === undefined) {
    const machine = openMachine();
    return { source: createLiveSource(machine), machine };
  }
  try {
    return {
      source: snapshotSource(await loadSnapshot(snapshotFile === '-' ? '/dev/stdin' : snapshotFile, signal)),
      machine: null,
    };
  } catch (error) {
    if (error instanceof SnapshotError) throw new CommandError(displayText(error.message), EXIT.usage);
    throw error;
  }
}
