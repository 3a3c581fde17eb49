import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { FoundNamespace } from '../../host/machine.ts';
import type { NamespaceId } from '../../model/ids.ts';

/**
 * Which namespaces the small numbers stand for by which a namespace knows others (`link_netnsid`). The kernel tells the number of
 * a namespace that it is shown, never the other way round: so they are shown one after another until all numbers are found,
 * the likely ones first, for all in all would be a quadratic number. Nearly every interface that leads elsewhere leads to
 * its host; and where one leads, others do.
 */
export interface FarNamespaces {
  /** `numberOf`: the number of the namespace of this descriptor, in the namespace that asks; negative where it has none. */
  numbered(
    numbers: ReadonlySet<number>,
    numberOf: (descriptor: number) => number,
  ): ReadonlyMap<number, NamespaceId>;
  close(): void;
}

/** Opens what is needed of `namespaces`, until it is closed. */
export function openFarNamespaces(namespaces: readonly FoundNamespace[]): FarNamespaces {
  // A path to this process's own network leads elsewhere while it is in another one: it is opened now.
  const own = `/proc/${process.pid}/`;
  const first = namespaces.filter(({ names, path }) => names.some(isHost) || path.startsWith(own));
  const opened = new Map(first.map((one) => [one.id, open(one)]));
  let likely = [...first, ...namespaces.filter((one) => !opened.has(one.id))];

  function descriptorOf(one: FoundNamespace): number | null {
    const before = opened.get(one.id);
    if (before !== undefined) return before;
    const descriptor = open(one);
    opened.set(one.id, descriptor);
    return descriptor;
  }

  return {
    numbered(numbers, numberOf) {
      const found = new Map<number, NamespaceId>();
      const met = new Set<FoundNamespace>();
      for (const one of likely) {
        if (found.size === numbers.size) break;
        const descriptor = descriptorOf(one);
        const number = descriptor === null ? -1 : numberOf(descriptor);
        if (!numbers.has(number)) continue;
        found.set(number, one.id);
        met.add(one);
      }
      if (met.size > 0 && met.size < likely.length)
        likely = [...met, ...likely.filter((one) => !met.has(one))];
      return found;
    },
    close() {
      for (const descriptor of opened.values()) if (descriptor !== null) closeSync(descriptor);
      opened.clear();
    },
  };
}

const isHost = ({ type }: FoundNamespace['names'][number]): boolean => type === 'host';

/** Null where it went away or became another since it was found, or may not be opened. */
function open({ inode, path }: FoundNamespace): number | null {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(descriptor).ino === inode) return descriptor;
    closeSync(descriptor);
    return null;
  } catch {
    return null;
  }
}
