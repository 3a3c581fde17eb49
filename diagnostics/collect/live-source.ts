import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { FoundNamespace, Machine, Scan } from '../host/machine.ts';
import { unread } from '../model/fact.ts';
import type { Namespace } from '../model/namespace.ts';
import { UNREAD_FACTS, withFacts, type Host, type Snapshot } from '../model/snapshot.ts';
import type { FactSource } from '../source.ts';
import { readFacts } from './read-facts.ts';
import { readTableNames } from './route-tables.ts';

/** Facts of the kernel and the engines of this machine, or of a lab's hosts, as they are now. */
export function createLiveSource(machine: Machine): FactSource {
  let scan: Scan | null = null;
  return {
    async discover() {
      scan = await machine.scan();
      return {
        schema: 1,
        machine: {
          kernel: release(),
          bootId: bootId(),
          takenAt: new Date().toISOString(),
          privileged: scan.privileged,
        },
        hosts: scan.hosts.map((host): Host => ({ ...host, engine: unread })),
        namespaces: scan.namespaces.map(namespace),
      };
    },
    async read(snapshot, missing, signal) {
      scan ??= await machine.scan();
      const context = { machine, namespaces: scan.namespaces, tableNumber: readTableNames(), signal };
      const facts = await readFacts(context, scan.privileged, missing);
      let result: Snapshot = snapshot;
      for (const [id, read] of facts) result = withFacts(result, id, (before) => ({ ...before, ...read }));
      return result;
    },
    probe: null,
  };
}

const namespace = ({ id, host, inode, names }: FoundNamespace): Namespace => ({
  id,
  host,
  inode,
  names,
  facts: UNREAD_FACTS,
});

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
