import type { HostId } from '../model/ids.ts';
import type { NamespaceName } from '../model/namespace.ts';
import type { FoundNamespace, HostRoot, Scan } from './machine.ts';
import { heldNamespaces, strayThreads } from './held-namespaces.ts';
import { mountedNamespaces, readMountinfo } from './mounted-namespaces.ts';
import { namespaceInode, processIds, processName, processStatus } from './processes.ts';
import { cgroupOwner } from './cgroup-owner.ts';
import { hostOfProcess, hostPid, mayEnterNamespaces } from './ownership.ts';

/** What is known of a namespace while looking; `names` in the order of the steps below, most telling first. */
interface Sighting {
  readonly inode: number;
  host: HostId | null;
  path: string;
  readonly names: NamespaceName[];
  readonly switches: number[];
}

/**
 * All network namespaces that this process can see: the hosts' own, those that a file keeps (`ip netns`, Docker), and those
 * that only a process keeps. A namespace that none of the hosts owns is left out: it is not part of the view.
 */
export async function scanNamespaces(hosts: readonly HostRoot[]): Promise<Scan> {
  const sightings = new Map<number, Sighting>();
  const see = (inode: number, host: HostId | null, path: string, name: NamespaceName | null): void => {
    let sighting = sightings.get(inode);
    if (!sighting) sightings.set(inode, (sighting = { inode, host, path, names: [], switches: [] }));
    sighting.host ??= host;
    if (name) sighting.names.push(name);
  };

  const roots: { id: HostId; inode: number }[] = [];
  for (const host of hosts) {
    const process = hostPid(host);
    const inode = namespaceInode(process, 'net');
    if (inode === null) continue;
    roots.push({ id: host.id, inode });
    see(inode, host.id, `/proc/${process}/ns/net`, { type: 'host' });
  }
  const processes = listProcesses(hosts);
  for (const host of hosts) {
    const root = host.pid === null ? '/' : `/proc/${host.pid}/root`;
    const ours = new Map(processes.filter((p) => p.host === host.id).map((p) => [p.shownPid, p.pid]));
    const translate = (pid: number): number | null => (host.pid === null ? pid : (ours.get(pid) ?? null));
    for (const mounted of mountedNamespaces(root, readMountinfo(hostPid(host)), translate)) {
      const name = mounted.name === null ? null : ({ type: 'netns', name: mounted.name } as const);
      see(mounted.inode, host.id, mounted.path, name);
    }
  }
  const owned = new Set(roots.map(({ inode }) => inode));
  for (const { pid, shownPid, host, inode } of processes) {
    // The first process of a namespace tells whose it is; a host's own is nobody's.
    const owner = owned.has(inode) ? null : cgroupOwner(pid);
    owned.add(inode);
    if (owner?.kind === 'container')
      see(inode, host, `/proc/${pid}/ns/net`, { type: 'container', name: owner.name.slice(0, SHOWN_DIGITS) });
    const name = processName(pid);
    const process = owner?.kind === 'unit' ? owner.name : name;
    see(inode, host, `/proc/${pid}/ns/net`, { type: 'pid', pid: shownPid, process });
    if (name === 'ovs-vswitchd') sightings.get(inode)?.switches.push(pid);
  }
  await seeHeld(processes, (inode) => sightings.has(inode), see);

  return {
    privileged: mayEnterNamespaces(),
    hosts: roots.map(({ id, inode }) => ({ id, rootNamespace: `${id}/${inode}` })),
    namespaces: [...sightings.values()].flatMap(found),
  };
}

type See = (inode: number, host: HostId | null, path: string, name: NamespaceName) => void;

/** What nobody lives in, and no file keeps: a thread is there alone, or a program has it open. */
async function seeHeld(
  processes: readonly SeenProcess[],
  isKnown: (inode: number) => boolean,
  see: See,
): Promise<void> {
  for (const { pid, host, inode } of processes) {
    if (pid === process.pid) continue;
    for (const { inode: own, thread } of strayThreads(pid, inode))
      if (!isKnown(own))
        see(own, host, `/proc/${thread}/ns/net`, { type: 'pid', pid: thread, process: processName(thread) });
    for (const { inode: held, descriptor } of await heldNamespaces(pid, isKnown))
      if (!isKnown(held))
        see(held, host, `/proc/${pid}/fd/${descriptor}`, {
          type: 'fd',
          pid,
          descriptor,
          process: processName(pid),
        });
  }
}

/** As many digits of an id as engines show. */
const SHOWN_DIGITS = 12;

function found({ inode, host, path, names, switches }: Sighting): FoundNamespace[] {
  if (host === null) return [];
  const own = switches.length === 0 ? {} : { switches };
  return [{ id: `${host}/${inode}`, host, inode, names, path, ...own }];
}

interface SeenProcess {
  readonly pid: number;
  /** The PID as somebody on its host sees it. */
  readonly shownPid: number;
  readonly host: HostId | null;
  readonly inode: number;
}

function listProcesses(hosts: readonly HostRoot[]): SeenProcess[] {
  const hostOf = hostOfProcess(hosts);
  const depths = new Map(
    hosts.map((host) => [
      host.id,
      host.pid === null ? 0 : (processStatus(host.pid)?.nestedPids.length ?? 1) - 1,
    ]),
  );
  return processIds().flatMap((pid) => {
    const inode = namespaceInode(pid, 'net');
    if (inode === null) return [];
    const host = hostOf(pid);
    const depth = host === null ? 0 : (depths.get(host) ?? 0);
    const shownPid = depth === 0 ? pid : (processStatus(pid)?.nestedPids[depth] ?? pid);
    return [{ pid, shownPid, host, inode }];
  });
}
