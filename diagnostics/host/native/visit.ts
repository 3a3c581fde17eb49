import { openNetlink, type Netlink } from './netlink.ts';
import type { SystemCalls } from './system-calls.ts';

/** This thread's stay in a network namespace. What is asked of it from different sides shares the sockets, and what was heard. */
export interface Visit {
  readonly calls: SystemCalls;
  /**
   * Gives `work` a netlink socket of this protocol, opened once; after an error it is opened anew.
   * @throws NetlinkError
   */
  ask<T>(protocol: number, work: (netlink: Netlink) => T): T;
}

/** Makes a visit of what `work` does, which must not outlive it. */
export function visiting<T>(calls: SystemCalls, work: (visit: Visit) => T): T {
  const sockets = new Map<number, Netlink>();
  try {
    return work({
      calls,
      ask(protocol, work) {
        const netlink = sockets.get(protocol) ?? openNetlink(calls, protocol);
        sockets.delete(protocol);
        try {
          const value = work(netlink);
          sockets.set(protocol, netlink);
          return value;
        } finally {
          // Part of an answer may still be on its way.
          if (sockets.get(protocol) !== netlink) netlink.close();
        }
      },
    });
  } finally {
    for (const netlink of sockets.values()) netlink.close();
  }
}
