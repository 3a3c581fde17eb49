import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { NamespaceId } from '../model/ids.ts';
import { atMost } from './limit.ts';
import type { Command, HostRoot, Machine, Output, Place, FoundNamespace } from './machine.ts';
import { hostPid } from './ownership.ts';
import { namespaceInode } from './processes.ts';
import { runArgv } from './run-command.ts';
import { scriptOf } from './script.ts';
import { scanNamespaces } from './scan.ts';

/** The id of the one host of `openMachine`. */
export const MACHINE_HOST = 'machine';

/** More would only wait for the processors, and for the kernel's one lock of network changes (rtnl). */
const PARALLEL_COMMANDS = 8;

const BATCH_TIMEOUT_MILLISECONDS = 20_000;

/** What this process sees: its own network namespace is the host's. */
export const openMachine = (): Machine => openLab([{ id: MACHINE_HOST, pid: null, engine: null }]);

/** The hosts of a lab, seen from a session process whose /proc shows all their processes. */
export function openLab(hosts: readonly HostRoot[]): Machine {
  const limited = atMost(PARALLEL_COMMANDS);
  let entries: ReadonlyMap<NamespaceId, FoundNamespace> = new Map();
  return {
    hosts,
    scan() {
      const scan = scanNamespaces(hosts);
      entries = new Map(scan.namespaces.map((namespace) => [namespace.id, namespace]));
      return Promise.resolve(scan);
    },
    run: (place, command) => limited(() => runAt(place, command)),
    async runAll(place, batch) {
      const script = scriptOf(batch.commands);
      const output = await limited(() =>
        runAt(place, {
          ...batch,
          argv: script.argv,
          timeoutMilliseconds: batch.timeoutMilliseconds ?? BATCH_TIMEOUT_MILLISECONDS,
        }),
      );
      return script.answers(output);
    },
  };

  async function runAt(place: Place, command: Command): Promise<Output> {
    const host = hosts.find(({ id }) => id === place.host);
    if (!host) return gone(`There is no host ${place.host}.`);
    const entry = place.namespace === null ? null : entries.get(place.namespace);
    if (entry === undefined) return gone('This network namespace is not there.');
    const inode = entry ? entry.inode : namespaceInode(hostPid(host), 'net');
    const path = entry ? entry.path : `/proc/${hostPid(host)}/ns/net`;
    const whole = command.enter === 'host' && host.pid !== null;
    if (!whole && inode === namespaceInode('self', 'net')) return runArgv(withNames(command, []), command);

    const opened = openNamespace(path, inode);
    if (typeof opened !== 'number') return opened;
    try {
      // Through our descriptor it is this very namespace, whatever becomes of its name meanwhile.
      const net = `--net=/proc/${process.pid}/fd/${opened}`;
      const more = whole ? ['--target', String(host.pid), '--mount', '--pid', '--uts'] : [];
      return await runArgv(withNames(command, ['nsenter', net, ...more, '--']), command);
    } finally {
      closeSync(opened);
    }
  }
}

const gone = (stderr: string): Output => ({ exitCode: null, stdout: '', stderr, problem: 'namespace-gone' });

/** A descriptor of the namespace; an answer where it is another one by now, gone, or not ours to open. */
function openNamespace(path: string, inode: number | null): number | Output {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') return gone(message);
    return { exitCode: null, stdout: '', stderr: message, problem: 'not-permitted' };
  }
  const status = fstatSync(descriptor);
  if (status.ino === inode) return descriptor;
  closeSync(descriptor);
  return gone(`${path} is another network namespace by now.`);
}

/** `$1` replaces what is below /var/run, in a mount namespace that ends with the command. */
const SHOW_NAMES = 'mount --bind "$1" /var/run && shift && exec "$@"';

/** The words to run: `enter` before the command, and before both, where asked for, the way to other names. */
function withNames(command: Command, enter: readonly string[]): readonly string[] {
  if (command.namesDirectory === undefined) return [...enter, ...command.argv];
  const scene = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SHOW_NAMES, 'sh'];
  return [...scene, command.namesDirectory, ...enter, ...command.argv];
}
