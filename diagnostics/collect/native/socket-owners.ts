import { readdirSync, readlinkSync } from 'node:fs';
import { processIds, processName } from '../../host/processes.ts';

/** A process that holds a socket, as this process's /proc numbers it. */
export interface SocketOwner {
  readonly pid: number;
  readonly name: string;
}

/** Who holds which socket. */
export interface SocketOwners {
  /** The youngest of those that have it open; undefined: nobody that may be looked at. */
  of(inode: number): SocketOwner | undefined;
}

/** Looks through /proc only as far as it has to, and never twice. */
export function socketOwners(): SocketOwners {
  const holders = new Map<number, number>();
  const left = processIds();
  return {
    of(inode) {
      for (let pid = left.at(-1); pid !== undefined && !holders.has(inode); pid = left.at(-1)) {
        left.pop();
        for (const held of socketsOf(pid)) if (!holders.has(held)) holders.set(held, pid);
      }
      const pid = holders.get(inode);
      return pid === undefined ? undefined : { pid, name: processName(pid) };
    },
  };
}

/** Inodes; none where it is gone, or somebody else's. */
function socketsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      const inode = /^socket:\[(\d+)\]$/.exec(targetOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
      return inode === undefined ? [] : [Number(inode)];
    });
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
