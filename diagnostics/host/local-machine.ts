import { closeSync } from 'node:fs';
import type { NamespaceId } from '../model/ids.ts';
import { enterNamespace, isRefusal, NOT_ENTERED, openNamespace, refusal, type Entry } from './enter.ts';
import { followArgv } from './follow-command.ts';
import { atMost } from './limit.ts';
import type {
  Batch,
  Command,
  Following,
  FoundNamespace,
  Heard,
  HostRoot,
  Inside,
  Machine,
  Output,
  Place,
} from './machine.ts';
import { openDoor, type Door } from './native/inside.ts';
import { loadSystemCalls } from './native/system-calls.ts';
import { visiting } from './native/visit.ts';
import { hostPid } from './ownership.ts';
import { namespaceInode } from './processes.ts';
import { runArgv } from './run-command.ts';
import { scanNamespaces } from './scan.ts';
import { scriptOf } from './script.ts';

/** The id of the one host of `openMachine`. */
const MACHINE_HOST = 'machine';

/** More would only wait for the processors, and for the kernel's one lock of network changes (rtnl). */
const PARALLEL_COMMANDS = 8;

const BATCH_TIMEOUT_MILLISECONDS = 20_000;

/** Where a place is, in this process's view. */
interface Located {
  readonly inode: number | null;
  readonly path: string;
  readonly hostPid: number | null;
}

/** What this process sees: its own network namespace is the host's. */
export const openMachine = (): Machine => openLab([{ id: MACHINE_HOST, pid: null, engine: null }]);

/** The hosts of a lab, seen from a session process whose /proc shows all their processes. */
export function openLab(hosts: readonly HostRoot[]): Machine {
  const limited = atMost(PARALLEL_COMMANDS);
  let found: ReadonlyMap<NamespaceId, FoundNamespace> = new Map();
  let door: { readonly way: Door | null } | undefined;
  return {
    hosts,
    async scan() {
      const scan = await scanNamespaces(hosts);
      found = new Map(scan.namespaces.map((namespace) => [namespace.id, namespace]));
      return scan;
    },
    run: (place, command) => limited(() => runOne(place, command)),
    runAll: (batch) => limited(() => runBatch(batch)),
    within,
    follow,
  };

  function locate(place: Place): Located | Output {
    const host = hosts.find(({ id }) => id === place.host);
    if (!host) return refusal('namespace-gone', `There is no host ${place.host}.`);
    const namespace = place.namespace === null ? null : found.get(place.namespace);
    if (namespace === undefined) return refusal('namespace-gone', 'This network namespace is not there.');
    const inode = namespace ? namespace.inode : namespaceInode(hostPid(host), 'net');
    const path = namespace ? namespace.path : `/proc/${hostPid(host)}/ns/net`;
    return { inode, path, hostPid: host.pid };
  }

  function enter(place: Place, whole: boolean): Entry | Output {
    const located = locate(place);
    if ('stdout' in located) return located;
    const { inode, path, hostPid } = located;
    if (whole && hostPid !== null) return enterNamespace(path, inode, hostPid);
    return inode === namespaceInode('self', 'net') ? NOT_ENTERED : enterNamespace(path, inode, null);
  }

  async function within<T>(place: Place, work: Inside<T>): Promise<{ readonly value: T } | null> {
    const calls = await loadSystemCalls();
    const located = locate(place);
    if (calls === null || 'stdout' in located) return null;
    const { inode, path } = located;
    if (inode === namespaceInode('self', 'net')) return { value: visiting(calls, work) };
    door ??= { way: openDoor(calls) };
    const descriptor = door.way === null ? null : openNamespace(path, inode);
    if (door.way === null || typeof descriptor !== 'number') return null;
    try {
      return door.way.inside(descriptor, () => visiting(calls, work));
    } finally {
      closeSync(descriptor);
    }
  }

  async function runOne(place: Place, command: Command): Promise<Output> {
    const entry = enter(place, command.enter === 'host');
    if (isRefusal(entry)) return entry;
    try {
      return await runArgv(withNames(command.names, [...entry.argv, ...command.argv]), {
        ...command,
        gathered: command.slow,
      });
    } finally {
      entry.leave();
    }
  }

  function follow(place: Place, argv: readonly string[], heard: Heard): Following {
    const entry = enter(place, false);
    if (isRefusal(entry)) return { ended: Promise.resolve(entry), stop: () => Promise.resolve() };
    const following = followArgv([...entry.argv, ...argv], heard);
    void following.ended.then(() => entry.leave());
    return following;
  }

  async function runBatch(batch: Batch): Promise<readonly Output[]> {
    // A namespace that is asked several things is opened once.
    const entries = new Map<string, Entry | Output>();
    const placed = batch.commands.map((command) => {
      const key = `${command.place.host}\0${command.place.namespace ?? ''}`;
      const entry = entries.get(key) ?? enter(command.place, false);
      entries.set(key, entry);
      return { command, entry };
    });
    try {
      const runnable = placed.flatMap(({ command, entry }) =>
        isRefusal(entry) ? [] : [{ ...command, enter: entry.argv }],
      );
      const script = scriptOf(runnable);
      const output = await runArgv(withNames(batch.names, script.argv), {
        timeoutMilliseconds: batch.timeoutMilliseconds ?? BATCH_TIMEOUT_MILLISECONDS,
        signal: batch.signal,
        gathered: batch.slow,
      });
      const answers = script.answers(output)[Symbol.iterator]();
      return placed.map(({ entry }) => (isRefusal(entry) ? entry : (answers.next().value ?? output)));
    } finally {
      for (const entry of entries.values()) if (!isRefusal(entry)) entry.leave();
    }
  }
}

/**
 * `$1` are the links' targets, words without anything that a shell could take for something else. Seen in a mount namespace that
 * ends with the command, so nothing of it is ever left.
 */
const SHOW_NAMES = `
names=/var/run/netns
if [ -d "$names" ]; then mount -t tmpfs hoplab "$names"; else mount -t tmpfs hoplab /var/run && mkdir "$names"; fi &&
ln -s $1 "$names" && shift && exec "$@"`;

function withNames(names: readonly number[] | undefined, argv: readonly string[]): readonly string[] {
  if (names === undefined || names.length === 0) return argv;
  const targets = names.map((descriptor) => `/proc/${process.pid}/fd/${descriptor}`).join(' ');
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SHOW_NAMES, 'sh', targets, ...argv];
}
