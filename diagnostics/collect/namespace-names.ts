import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { FoundNamespace } from '../host/machine.ts';
import type { NamespaceId } from '../model/ids.ts';

/**
 * Namespaces by their names in /var/run/netns. iproute2 translates the small numbers by which a namespace knows others
 * (`link_netnsid`) only to such names. Shown our descriptors there, it translates them to these: exact also for nameless
 * namespaces and for other hosts' ones, where interface numbers coincide, and where a name is given away meanwhile.
 *
 * It tries every name it is shown, in every namespace that is asked: all names in all namespaces would be a quadratic number.
 * Nearly every interface that leads elsewhere leads to its host, so where there are many, hosts are shown all and the others the hosts.
 */
export interface NamespaceNames {
  /** What to show instead; undefined where a private mount is not possible: then the real names are used. */
  shownTo(asked: NamespaceId): readonly number[] | undefined;
  /** What to show where that did not tell; null where there is no more. */
  moreFor(asked: NamespaceId): readonly number[] | null;
  namespaceOf(name: string): NamespaceId | null;
  close(): void;
}

/** So many names are tried sooner than a namespace is asked twice: a name takes some 10 µs, and to ask some milliseconds. */
const FEW = 100;

/** Opens what can be opened of `namespaces`, as far as it is to be shown, until it is closed. */
export function openNames(namespaces: readonly FoundNamespace[], privileged: boolean): NamespaceNames {
  const hosts = privileged ? namespaces.filter(isHost) : [];
  const opened = new Map(hosts.flatMap((one) => [...open(one)]));
  const near = [...opened.keys()];
  let all: readonly number[] | null = null;
  const showAll = (): readonly number[] => {
    if (all) return all;
    for (const one of namespaces.filter((it) => !isHost(it)))
      for (const [descriptor, id] of open(one)) opened.set(descriptor, id);
    return (all = [...opened.keys()]);
  };
  const exact = near.length > 0;
  const nearest = new Set(hosts.map(({ id }) => id));
  const seesAll = (asked: NamespaceId): boolean => namespaces.length <= FEW || nearest.has(asked);
  return {
    shownTo: (asked) => (!exact ? undefined : seesAll(asked) ? showAll() : near),
    moreFor: (asked) => (exact && !seesAll(asked) ? showAll() : null),
    namespaceOf(name) {
      if (exact) return opened.get(Number(name)) ?? null;
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

const isHost = ({ names }: FoundNamespace): boolean => names.some(({ type }) => type === 'host');

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
