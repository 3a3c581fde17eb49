import { readText } from './plain-files.ts';

/** A user of a host (passwd(5)). */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

/** `root`: the host's file system as this process sees it; '': our own. Entries that are out of the ordinary are left out. */
export function readUsers(root: string): readonly User[] {
  return readText(`${root}/etc/passwd`)
    .split('\n')
    .flatMap((line) => {
      const [name = '', , uid = '', gid = '', , home = ''] = line.split(':');
      return /^\d+$/.test(uid) && /^\d+$/.test(gid) && /^[\w.][\w.-]*\$?$/.test(name) && home.startsWith('/')
        ? [{ name, uid: Number(uid), gid: Number(gid), home }]
        : [];
    });
}
