import { requestOf } from '../../diagnostics/host/native/netlink-message.ts';
import type { SystemCalls } from '../../diagnostics/host/native/system-calls.ts';

const NLMSG_DONE = 3;
const EAGAIN = 11;
const SEQUENCE_AT = 8;

/** A message of a listing. */
export interface Said {
  readonly type: number;
  readonly body: Buffer;
}

/** A kernel that says the same to every listing, perhaps cut off; then it is silent, which ends a wait with EAGAIN. */
export function kernelThatSays(said: readonly Said[], bytes = Number.POSITIVE_INFINITY): SystemCalls {
  let waiting: Buffer[] = [];
  return {
    setns: () => 0,
    socket: () => 3,
    bind: () => 0,
    setsockopt: () => 0,
    send(_descriptor, request, length) {
      const sequence = request.readUInt32LE(SEQUENCE_AT);
      const all = [...said, { type: NLMSG_DONE, body: Buffer.alloc(4) }];
      const text = Buffer.concat(all.map(({ type, body }) => requestOf(type, 0, sequence, body)));
      waiting = [text.subarray(0, Math.min(bytes, text.length))];
      return length;
    },
    recv(_descriptor, into) {
      const next = waiting.shift();
      return next === undefined ? -1 : next.copy(into);
    },
    openat: () => -1,
    read: () => -1,
    close: () => 0,
    ioctl: () => -1,
    bpf: () => -1,
    errno: () => EAGAIN,
  };
}
