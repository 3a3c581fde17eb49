import { execa } from 'execa';
import { createInterface } from 'node:readline';
import type { LabNetwork } from './network.ts';

/** Several events of one command are one change. */
const SETTLE_MILLISECONDS = 60;
/** What the kernel tells nobody of (sockets, most settings, legacy rules) is noticed at this pace. */
const PACE_MILLISECONDS = 2000;

/** Notices that a network may have changed: at once where the kernel tells, else soon. */
export interface Watch {
  stop(): void;
}

/**
 * @param looking whether somebody is looking at the lab; only then is there a steady pace
 */
export function watchNetwork(network: LabNetwork, changed: () => void, looking: () => boolean): Watch {
  let timer: NodeJS.Timeout | null = null;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      changed();
    }, SETTLE_MILLISECONDS);
  };
  // Neighbours are left out: our own probes change them.
  const monitors = [...network.nodes.values()].map((node) => {
    const monitor = execa(
      'nsenter',
      [`--net=${node.path}`, 'ip', '-o', 'monitor', 'link', 'address', 'route', 'rule', 'netconf'],
      { reject: false, buffer: false, stdin: 'ignore', stderr: 'ignore' },
    );
    createInterface({ input: monitor.stdout }).on('line', soon);
    return monitor;
  });
  const pace = setInterval(() => {
    if (looking()) changed();
  }, PACE_MILLISECONDS);
  return {
    stop() {
      clearInterval(pace);
      if (timer) clearTimeout(timer);
      for (const monitor of monitors) monitor.kill('SIGKILL');
    },
  };
}
