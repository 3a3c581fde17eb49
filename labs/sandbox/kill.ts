import { setTimeout as delay } from 'node:timers/promises';
import { pidNamespaceWord } from './enter.ts';
import { childrenOf, findProcesses, identify, isAlive, type ProcessIdentity } from './process.ts';

/**
 * PID 1 inside becomes a zombie only when every other process of its namespace is gone and was waited for: that is what we wait
 * for. What entered from outside (a terminal) ends too; one that was stopped would never wait for its child.
 */
export async function kill(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return;
  const entered = findProcesses([pidNamespaceWord(identity.pid)], [process.getuid?.() ?? -1, 0]);
  const all = [identity, ...childrenOf(identity.pid).flatMap((pid) => identify(pid) ?? [])];
  for (const pid of [identity.pid, ...entered]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const end = Date.now() + GONE_MILLISECONDS;
  while (all.some(isAlive) && Date.now() < end) await delay(2);
}

/** Longer than the kernel ever needs; then the rest is left to the next sweep. */
const GONE_MILLISECONDS = 5000;
