import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import type { FactName } from '../../diagnostics/model/namespace.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { snapshotOf } from './facts.ts';

/** The same facts of all namespaces, read by this process itself, and by commands alone. */
export interface BothWays {
  readonly itself: Snapshot;
  readonly commands: Snapshot;
  /** Commands that were run all the same while this process read itself: their words. */
  readonly started: readonly (readonly string[])[];
}

export async function readBothWays(facts: readonly FactName[]): Promise<BothWays> {
  const started: (readonly string[])[] = [];
  const machine = openMachine();
  const itself: Machine = {
    ...machine,
    run(place, command) {
      started.push(command.argv);
      return machine.run(place, command);
    },
    runAll(batch) {
      started.push(...batch.commands.map(({ argv }) => argv));
      return machine.runAll(batch);
    },
  };
  const commands: Machine = { ...machine, within: () => Promise.resolve(null) };
  return {
    itself: await snapshotOf(createLiveSource(itself), facts),
    commands: await snapshotOf(createLiveSource(commands), facts),
    started,
  };
}
