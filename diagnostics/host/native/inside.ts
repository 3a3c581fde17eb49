import { closeSync, constants, openSync } from 'node:fs';
import type { SystemCalls } from './system-calls.ts';

const CLONE_NEWNET = 0x40000000;

/** The way into other network namespaces and back again. */
export interface Door {
  /**
   * Runs `work` with this thread in the network namespace that the descriptor leads to, and comes back; null where the kernel
   * lets this process not in. All of `work` is synchronous, so that nothing else of this process is ever there: sockets that it
   * opens, and what it reads of /proc/sys/net and /proc/thread-self/net, are that namespace's.
   */
  inside<T>(descriptor: number, work: () => T): { readonly value: T } | null;
}

/**
 * Null where this process could not come back: who has no power over its own network namespace may enter others (of a user
 * namespace of its own), but not return. See setns(2).
 */
export function openDoor(calls: SystemCalls): Door | null {
  const home = openSync('/proc/thread-self/ns/net', constants.O_RDONLY);
  if (calls.setns(home, CLONE_NEWNET) !== 0) {
    closeSync(home);
    return null;
  }
  return {
    inside(descriptor, work) {
      if (calls.setns(descriptor, CLONE_NEWNET) !== 0) return null;
      try {
        return { value: work() };
      } finally {
        // It was possible a moment ago, and nothing has changed who we are. If not, what follows would act on the wrong network.
        if (calls.setns(home, CLONE_NEWNET) !== 0) process.abort();
      }
    },
  };
}
