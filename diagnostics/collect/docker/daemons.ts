import { readdirSync, readlinkSync } from 'node:fs';
import type { HostRoot } from '../../host/machine.ts';
import type { EngineProcess } from '../engine-processes.ts';
import { readUsers } from '../users.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { readText } from '../plain-files.ts';

/** A dockerd that nobody named, and how it is told from others. */
export interface FoundDaemon extends EngineEndpoint {
  /** What its socket is called; whose it is, where it is a user's. */
  readonly tag: string;
  /** Of its socket, as the host sees it. */
  readonly path: string;
  readonly process: EngineProcess;
}

/** Of other users' sockets, and of odd ones, nothing is said. */
const SOCKET = /^(.*\/)?([\w.-]+)\.sock$/;

/**
 * The engines that run on a host beside the one that its docker client asks: each dockerd keeps a socket open, of which the
 * kernel tells the path (unix(7), /proc/PID/net/unix).
 */
export function daemonsBeside(
  host: HostRoot,
  asked: string,
  processes: readonly EngineProcess[],
): readonly FoundDaemon[] {
  return processes
    .filter((it) => it.program === 'dockerd' && it.host === host.id)
    .flatMap((process) => {
      const { pid, uid, rootless } = process;
      const paths = socketsOf(pid);
      // One of several by which the same engine can be asked.
      if (paths.some((path) => isAsked(asked, pid, path))) return [];
      const path = paths.find((one) => /\/docker[\w.-]*\.sock$/.test(one)) ?? paths.find(isApi);
      if (path === undefined) return [];
      // rootlesskit makes the directories of a user's sockets those of the host.
      if (rootless) return [{ url: `unix://${path}`, named: false, path, process, tag: userOf(host, uid) }];
      return [{ url: `unix://${ownPath(pid, path)}`, named: false, path, process, tag: tagOf(path) }];
    });
}

/** The process of the engine that a host's docker client asks; null where it is not among these. */
export function daemonAsked(
  host: HostRoot,
  asked: string,
  processes: readonly EngineProcess[],
): EngineProcess | null {
  const own = processes.filter((it) => it.program === 'dockerd' && it.host === host.id);
  return own.find(({ pid }) => socketsOf(pid).some((path) => isAsked(asked, pid, path))) ?? null;
}

/** Beside its API a dockerd has sockets for the plugin of its metrics, and for the runtime's hooks (named by a long id). */
const isApi = (path: string): boolean =>
  SOCKET.test(path) && !/\/(?:metrics|[0-9a-f]{12,})\.sock$/.test(path);

/** The usual one is called as docker's contexts call it. */
function tagOf(path: string): string {
  const [, directory = '', name = ''] = SOCKET.exec(path) ?? [];
  if (/^(?:\/var)?\/run\/docker\.sock$/.test(path)) return 'default';
  return name === 'docker' ? (directory.split('/').at(-2) ?? name) : name;
}

const userOf = (host: HostRoot, uid: number): string =>
  readUsers(host.pid === null ? '' : `/proc/${host.pid}/root`).find((user) => user.uid === uid)?.name ??
  String(uid);

/** Its path in our mount namespace: through the process where its own is another one. */
const ownPath = (pid: number, path: string): string => (sameMounts(pid) ? path : `/proc/${pid}/root${path}`);

const isAsked = (asked: string, pid: number, path: string): boolean =>
  [path, `/proc/${pid}/root${path}`, path.replace(/^\/var\/run\//, '/run/')].some(
    (one) => asked.replace('unix:///var/run/', 'unix:///run/') === `unix://${one}`,
  ) || asked.endsWith(`/root${path}`);

function sameMounts(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
  } catch {
    return false;
  }
}

/** Sockets in the file system that a process listens on. */
function socketsOf(pid: number): readonly string[] {
  const open = new Set(descriptors(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  // Num RefCount Protocol Flags Type St Inode Path; 00010000 of the flags: it accepts connections.
  return readText(`/proc/${pid}/net/unix`)
    .split('\n')
    .flatMap((line) => {
      const [, , , flags = '', , , inode = '', ...path] = line.trim().split(/ +/);
      return flags === '00010000' && open.has(inode) && path[0]?.startsWith('/') === true
        ? [path.join(' ')]
        : [];
    });
}

function descriptors(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${name}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
