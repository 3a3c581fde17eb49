import { NetlinkError, openNetlink } from './netlink.ts';
import type { NetlinkMessage } from './netlink-message.ts';
import type { SystemCalls } from './system-calls.ts';

/** Families of netlink sockets. */
export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_NETFILTER = 12;

/** What the kernel lists when it is asked one question; null where it says no: a module that it lacks, somebody who may not ask. */
export const listing = (
  calls: SystemCalls,
  protocol: number,
  type: number,
  body: Buffer,
): readonly NetlinkMessage[] | null => listings(calls, protocol, type, [body])?.[0] ?? null;

/** The same for several questions of one kind; null where it says no to one of them. */
export function listings(
  calls: SystemCalls,
  protocol: number,
  type: number,
  bodies: readonly Buffer[],
): readonly (readonly NetlinkMessage[])[] | null {
  try {
    const netlink = openNetlink(calls, protocol);
    try {
      return bodies.map((body) => netlink.dump(type, body));
    } finally {
      netlink.close();
    }
  } catch (error) {
    if (error instanceof NetlinkError) return null;
    throw error;
  }
}
