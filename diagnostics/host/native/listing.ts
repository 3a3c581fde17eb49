import { NetlinkError } from './netlink.ts';
import type { NetlinkMessage } from './netlink-message.ts';
import type { Visit } from './visit.ts';

/** Families of netlink sockets. */
export const NETLINK_ROUTE = 0;
/** Protocols of netlink(7): sockets (sock_diag(7)), IPsec, netfilter. */
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_XFRM = 6;
export const NETLINK_NETFILTER = 12;

/** What the kernel lists when it is asked one question; null where it says no: a module that it lacks, somebody who may not ask. */
export const listing = (
  visit: Visit,
  protocol: number,
  type: number,
  body: Buffer,
): readonly NetlinkMessage[] | null => listings(visit, protocol, type, [body])?.[0] ?? null;

/** The same for several questions of one kind; null where it says no to one of them. */
export function listings(
  visit: Visit,
  protocol: number,
  type: number,
  bodies: readonly Buffer[],
): readonly (readonly NetlinkMessage[])[] | null {
  try {
    return visit.ask(protocol, (netlink) => bodies.map((body) => netlink.dump(type, body)));
  } catch (error) {
    if (error instanceof NetlinkError) return null;
    throw error;
  }
}
