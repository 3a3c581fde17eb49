import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemCalls } from '../../host/native/system-calls.ts';
import { readText } from '../plain-files.ts';
import { cgroupPaths } from './cgroup-paths.ts';

/** Whether there is any; `unknown`: the kernel says something that is not known here. */
export type Attached = 'none' | 'some' | 'not-permitted' | 'unknown';

const EPERM = 1;
const ENOENT = 2;

const BPF_PROG_QUERY = 16;
const BPF_LINK_GET_FD_BY_ID = 30;
const BPF_LINK_GET_NEXT_ID = 31;
const QUERY_BYTES = 64;
const COUNT_AT = 24;
const ID_BYTES = 12;

/** BPF_CGROUP_INET_INGRESS: every kernel has it that has programs of cgroups. */
const FIRST = 0;
/** … INET_EGRESS, INET_SOCK_CREATE, INET4_CONNECT, INET6_CONNECT, UDP4_SENDMSG, UDP6_SENDMSG, and BPF_LSM_CGROUP. */
const LATER = [1, 2, 10, 11, 14, 15, 43] as const;

/** Programs of cgroups that packets or calls of sockets may meet, in the whole hierarchy whose root this is. */
export function lookAtCgroups(calls: SystemCalls, root: string): Attached {
  for (const path of cgroupPaths(root).values()) {
    const attached = lookAtCgroup(calls, join(root, path));
    if (attached !== 'none') return attached;
  }
  return 'none';
}

function lookAtCgroup(calls: SystemCalls, directory: string): Attached {
  let descriptor: number;
  try {
    descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    // It was removed meanwhile: who may not open it cannot ask for any.
    return 'none';
  }
  try {
    const first = countOf(calls, descriptor, FIRST);
    if (typeof first !== 'number') return first;
    const counts = LATER.map((type) => countOf(calls, descriptor, type));
    if ([first, ...counts].some((count) => typeof count === 'number' && count > 0)) return 'some';
    // Ways to be attached that this kernel does not know yet are no answers at all.
    return counts.includes('not-permitted') ? 'not-permitted' : 'none';
  } finally {
    closeSync(descriptor);
  }
}

function countOf(calls: SystemCalls, descriptor: number, attachType: number): number | Attached {
  const query = Buffer.alloc(QUERY_BYTES);
  query.writeInt32LE(descriptor, 0);
  query.writeUInt32LE(attachType, 4);
  return calls.bpf(BPF_PROG_QUERY, query, query.length) === 0
    ? query.readUInt32LE(COUNT_AT)
    : calls.errno() === EPERM
      ? 'not-permitted'
      : 'unknown';
}

/** Programs that choose among the sockets of a network namespace: links of a kind of their own. */
export function lookAtNamespaces(calls: SystemCalls): Attached {
  const request = Buffer.alloc(ID_BYTES);
  for (let id = 0; ; id = request.readUInt32LE(4)) {
    request.writeUInt32LE(id, 0);
    if (calls.bpf(BPF_LINK_GET_NEXT_ID, request, request.length) !== 0) {
      const errno = calls.errno();
      if (errno === ENOENT) return 'none';
      return errno === EPERM ? 'not-permitted' : 'unknown';
    }
    const kind = kindOfLink(calls, request.readUInt32LE(4));
    if (kind === null) return 'unknown';
    if (kind === 'netns') return 'some';
  }
}

/** As /proc tells it (bpf_link_show_fdinfo() of kernel/bpf/syscall.c); null where it is gone. */
function kindOfLink(calls: SystemCalls, id: number): string | null {
  const request = Buffer.alloc(ID_BYTES);
  request.writeUInt32LE(id, 0);
  const descriptor = calls.bpf(BPF_LINK_GET_FD_BY_ID, request, request.length);
  if (descriptor < 0) return null;
  try {
    return /^link_type:\s+(\S+)/m.exec(readText(`/proc/self/fdinfo/${descriptor}`))?.[1] ?? null;
  } finally {
    calls.close(descriptor);
  }
}
