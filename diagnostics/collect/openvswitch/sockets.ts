import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { namespaceInode } from '../../host/processes.ts';

/** Where a running ovs-vswitchd can be asked. */
export interface SwitchSockets {
  /** `unix:PATH` of its database; null: the tools' default. */
  readonly database: string | null;
  /** Path of its control socket; null: the tools' default. */
  readonly control: string | null;
  /** `unix:PATH` of the OpenFlow socket of a bridge; null: the tools' default. */
  management(bridge: string): string | null;
}

const DEFAULT_RUN = '/var/run/openvswitch';

const read = (path: string): readonly string[] => {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return [];
  }
};

/**
 * The sockets of a process, from its command line and OVS_RUNDIR; null where it is gone, or only watches another one
 * (`--monitor`). A daemon with files of its own (in a container) is reached through its root.
 */
export function switchSockets(pid: number): SwitchSockets | null {
  const words = read(`/proc/${pid}/cmdline`);
  if (words.length === 0 || /monitoring pid/.test(words[0] ?? '')) return null;
  const own = namespaceInode(pid, 'mnt');
  const root = own !== null && own !== namespaceInode('self', 'mnt') ? `/proc/${pid}/root` : '';
  const option = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const database = words.find((word) => word.startsWith('unix:'))?.slice('unix:'.length);
  const control = option('unixctl');
  const environment = read(`/proc/${pid}/environ`)
    .find((line) => line.startsWith('OVS_RUNDIR='))
    ?.slice('OVS_RUNDIR='.length);
  const folders = [environment, ...[control, database].map((path) => path && dirname(path)), DEFAULT_RUN];
  const usual = (path: string | undefined): boolean =>
    path === undefined || (root === '' && dirname(path).replace(/^\/run\//, '/var/run/') === DEFAULT_RUN);
  return {
    database: usual(database) && root === '' ? null : `unix:${root}${database ?? `${DEFAULT_RUN}/db.sock`}`,
    control: control === undefined ? null : `${root}${control}`,
    management(bridge) {
      const found = folders
        .filter((folder) => folder !== undefined && folder !== '')
        .map((folder) => `${root}${folder ?? ''}/${bridge}.mgmt`)
        .find((path) => existsSync(path));
      return found === undefined || (root === '' && dirname(found) === DEFAULT_RUN) ? null : `unix:${found}`;
    },
  };
}
