import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { FoundNamespace } from '../host/machine.ts';
import type { NamespaceId } from '../model/ids.ts';

/**
 * Namespaces by their names in /var/run/netns. iproute2 translates the small numbers by which a namespace knows others
 * (`link_netnsid`) only to such names. Shown our descriptors there, it translates them to these: exact also for nameless
 * namespaces and for other hosts' ones, where interface numbers coincide, and where a name is given away meanwhile.
 */
export interface NamespaceNames {
  /** What to show instead; undefined where a private mount is not possible: then the real names are used. */
  readonly descriptors: readonly number[] | undefined;
  namespaceOf(name: string): NamespaceId | null;
  close(): void;
}

/** Opens what can be opened of `namespaces`, until it is closed. */
export function openNames(namespaces: readonly FoundNamespace[], privileged: boolean): NamespaceNames {
  const opened = new Map(privileged ? namespaces.flatMap((one) => [...open(one)]) : []);
  return {
    descriptors: opened.size > 0 ? [...opened.keys()] : undefined,
    namespaceOf(name) {
      if (opened.size > 0) return opened.get(Number(name)) ?? null;
      const there = openNamed(`/run/netns/${name}`);
      if (there === null) return null;
      closeSync(there.descriptor);
      return namespaces.find(({ inode }) => inode === there.inode)?.id ?? null;
    },
    close() {
      for (const descriptor of opened.keys()) closeSync(descriptor);
    },
  };
}

/** Nothing where it went away or became another since it was found, or may not be opened. */
function open({ id, inode, path }: FoundNamespace): readonly (readonly [number, NamespaceId])[] {
  const there = openNamed(path);
  if (there?.inode === inode) return [[there.descriptor, id]];
  if (there) closeSync(there.descriptor);
  return [];
}

function openNamed(path: string): { readonly descriptor: number; readonly inode: number } | null {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { descriptor, inode: fstatSync(descriptor).ino };
  } catch {
    return null;
  }
}
