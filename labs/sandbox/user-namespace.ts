import { execa } from 'execa';
import { once } from 'node:events';
import { readFile, readlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import {
  parseIdMap,
  rangeForRoot,
  rangesForUser,
  subordinateRanges,
  type IdMap,
  type IdRange,
} from './id-map.ts';
import { SandboxError } from './problem.ts';
import { findTool, searchPath } from './tools.ts';

/** A user namespace that lives as long as its holder: come in while it is open. */
export interface UserNamespace {
  readonly map: IdMap;
  /** The command prefix that enters it as its root. */
  readonly enter: readonly string[];
  close(): Promise<void>;
}

/** What `nsenter` needs to become root of the user namespace of `pid`. */
export const asRootOf = (map: IdMap['by']): readonly string[] =>
  map === 'single' ? ['--preserve-credentials'] : ['--setuid', '0', '--setgid', '0'];

const readText = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** How this user's ids can be mapped. Reads files, changes nothing. */
export async function planIdMap(): Promise<IdMap> {
  const uid = process.getuid?.() ?? -1;
  const gid = process.getgid?.() ?? -1;
  if (uid === 0) {
    const [users, groups] = await Promise.all(
      ['uid_map', 'gid_map'].map(async (file) =>
        rangeForRoot(parseIdMap(await readText(`/proc/self/${file}`))),
      ),
    );
    if (users && groups) return { by: 'kernel', users: [users], groups: [groups] };
  }
  const user = { name: userInfo().username, id: uid };
  const [subuid, subgid, newuidmap, newgidmap] = await Promise.all([
    readText('/etc/subuid').then((file) => subordinateRanges(file, user)),
    readText('/etc/subgid').then((file) => subordinateRanges(file, user)),
    findTool('newuidmap'),
    findTool('newgidmap'),
  ]);
  if (newuidmap && newgidmap && subuid.length > 0 && subgid.length > 0)
    return { by: 'helpers', users: rangesForUser(uid, subuid), groups: rangesForUser(gid, subgid) };
  return { by: 'single', users: rangesForUser(uid, []), groups: rangesForUser(gid, []) };
}

const mapLines = (ranges: readonly IdRange[]): string =>
  ranges.map((range) => `${range.inside} ${range.outside} ${range.length}\n`).join('');

const mapWords = (ranges: readonly IdRange[]): readonly string[] =>
  ranges.flatMap((range) => [range.inside, range.outside, range.length].map(String));

async function writeMap(pid: number, map: IdMap): Promise<void> {
  switch (map.by) {
    case 'single':
      // user_namespaces(7): without a capability the group map is refused unless setgroups is off.
      await writeFile(`/proc/${pid}/setgroups`, 'deny');
      await writeFile(`/proc/${pid}/uid_map`, mapLines(map.users));
      await writeFile(`/proc/${pid}/gid_map`, mapLines(map.groups));
      return;
    case 'kernel':
      await writeFile(`/proc/${pid}/uid_map`, mapLines(map.users));
      await writeFile(`/proc/${pid}/gid_map`, mapLines(map.groups));
      return;
    case 'helpers': {
      const env = { PATH: searchPath() };
      await execa('newuidmap', [String(pid), ...mapWords(map.users)], { env });
      await execa('newgidmap', [String(pid), ...mapWords(map.groups)], { env });
    }
  }
}

/**
 * Makes a user namespace with its ids mapped. A process of its own holds it, because only a single-threaded process can make
 * one and only a process outside can map more than one id. Its input is a pipe of ours: should we die, it ends.
 * @throws SandboxError `no-user-namespaces`, `id-map-refused`
 */
export async function openUserNamespace(map: IdMap): Promise<UserNamespace> {
  const holder = execa('unshare', ['--user', 'cat'], {
    env: { PATH: searchPath() },
    stdin: 'pipe',
    reject: false,
  });
  const { pid, stdin, stdout } = holder;
  const close = async (): Promise<void> => {
    stdin.end();
    await holder;
  };
  // What cat repeats proves that the namespace is there.
  stdin.on('error', () => undefined);
  stdin.write('open\n');
  const opened = await Promise.race([once(stdout, 'data').then(() => true), holder.then(() => false)]);
  if (pid === undefined || !opened) {
    const { stderr } = await holder;
    throw new SandboxError(
      'no-user-namespaces',
      `A lab runs in a user namespace, and the kernel refused to make one (${stderr.trim() || 'unshare failed'}).`,
      'Run `hoplab doctor`: it names the setting that forbids it.',
    );
  }
  if ((await readlink(`/proc/${pid}/ns/user`)) === (await readlink('/proc/self/ns/user')))
    throw new Error('the holder of the user namespace is not in one');
  try {
    await writeMap(pid, map);
  } catch (error) {
    await close();
    throw new SandboxError(
      'id-map-refused',
      `The ids of the lab's user namespace could not be mapped (${firstLine(error)}).`,
      'Check your ranges in /etc/subuid and /etc/subgid; each needs 65536 ids that no other user has.',
    );
  }
  return { map, enter: ['nsenter', '-t', String(pid), '-U', ...asRootOf(map.by)], close };
}

const firstLine = (error: unknown): string => {
  const { stderr, message } = error as { stderr?: unknown; message?: unknown };
  const text = typeof stderr === 'string' && stderr !== '' ? stderr : String(message);
  return text.split('\n')[0] ?? '';
};
