import { getSystemErrorName } from 'node:util';
import { messagesIn, NLM_F_DUMP, NLM_F_REQUEST, requestOf, type NetlinkMessage } from './netlink-message.ts';
import type { SystemCalls } from './system-calls.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const MSG_TRUNC = 0x20;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SOL_NETLINK = 270;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const EINTR = 4;
const EMSGSIZE = 90;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_DUMP_INTR = 0x10;

/** The kernel's dumps come in parts of at most 32 KiB; a single message may be longer (links of a machine with many VFs). */
const BUFFER_BYTES = 256 * 1024;
const PATIENCE_SECONDS = 3;
const MOST_TRIES = 4;

/** Something that the kernel said no to, by its number (errno(3)). */
export class NetlinkError extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`netlink: ${errno > 0 ? getSystemErrorName(-errno) : String(errno)}`);
    this.errno = errno;
  }
}

/** A netlink socket of the network namespace in which it was opened; see netlink(7). */
export interface Netlink {
  /**
   * Every message of a listing. A listing that changed while it was read is read again; one that changes all the time is an
   * error. The messages' bytes belong to the caller.
   * @throws NetlinkError
   */
  dump(type: number, body: Buffer): readonly NetlinkMessage[];
  /**
   * The answer to one question; null where the kernel only acknowledged.
   * @throws NetlinkError
   */
  ask(type: number, body: Buffer): NetlinkMessage | null;
  close(): void;
}

let buffer: Buffer | undefined;

/** @throws NetlinkError where the kernel has no such protocol */
export function openNetlink(calls: SystemCalls, protocol: number): Netlink {
  const descriptor = calls.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
  if (descriptor < 0) throw new NetlinkError(calls.errno());
  const patience = Buffer.alloc(16);
  patience.writeBigInt64LE(BigInt(PATIENCE_SECONDS));
  calls.setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, patience, patience.length);
  // With it, the kernel looks at what a question asks for (one table, one interface); older ones send everything.
  const one = Buffer.from([1, 0, 0, 0]);
  calls.setsockopt(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, one, one.length);
  calls.setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, one, one.length);
  let sequence = 0;
  const into = (buffer ??= Buffer.alloc(BUFFER_BYTES));

  function send(type: number, flags: number, body: Buffer): void {
    sequence += 1;
    const request = requestOf(type, flags, sequence, body);
    if (calls.send(descriptor, request, request.length, 0) < 0) throw new NetlinkError(calls.errno());
  }

  function receive(): readonly NetlinkMessage[] {
    for (;;) {
      const length = calls.recv(descriptor, into, into.length, MSG_TRUNC);
      if (length > into.length) throw new NetlinkError(EMSGSIZE);
      // What answers an earlier question, which was given up, is nothing to this one.
      if (length >= 0)
        return messagesIn(Buffer.from(into.subarray(0, length))).filter((it) => it.sequence === sequence);
      const errno = calls.errno();
      if (errno !== EINTR) throw new NetlinkError(errno);
    }
  }

  function listing(type: number, body: Buffer): readonly NetlinkMessage[] | null {
    send(type, NLM_F_REQUEST | NLM_F_DUMP, body);
    const all: NetlinkMessage[] = [];
    let interrupted = false;
    for (;;)
      for (const message of receive()) {
        interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
        if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
          const errno = errnoOf(message);
          if (errno !== 0) throw new NetlinkError(errno);
          return interrupted ? null : all;
        }
        all.push(message);
      }
  }

  return {
    dump(type, body) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const all = listing(type, body);
        if (all !== null) return all;
      }
      throw new NetlinkError(EINTR);
    },
    ask(type, body) {
      send(type, NLM_F_REQUEST, body);
      for (;;)
        for (const message of receive()) {
          if (message.type !== NLMSG_ERROR) return message;
          const errno = errnoOf(message);
          if (errno !== 0) throw new NetlinkError(errno);
          return null;
        }
    },
    close: () => {
      calls.close(descriptor);
    },
  };
}

/** Of an NLMSG_ERROR or NLMSG_DONE: 0 is "no error", else the number is negative. */
const errnoOf = ({ body }: NetlinkMessage): number => (body.length < 4 ? 0 : -body.readInt32LE(0));
