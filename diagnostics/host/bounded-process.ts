import type { Readable } from 'node:stream';

/** What is known of a process that execa started. */
interface Child<Result> extends PromiseLike<Result> {
  readonly pid?: number | undefined;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

export interface Bounds {
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal | undefined;
  /** Asked now and then: whether it has said more than anybody will read. Null where somebody else watches that. */
  readonly isTooMuch: (() => Promise<boolean>) | null;
}

/** What does not obey by then is killed. */
const GRACE_MILLISECONDS = 500;
const LOOK_MILLISECONDS = 200;

/** Groups that are running: none outlives this process, however it ends, unless it is killed. */
const running = new Set<number>();

/**
 * The result of a process that leads a group of its own (`detached`), and why it was ended, where it was. All of its group is ended
 * with it: a tool may be a script, and what it runs would hold the outputs open and be waited for. What left the group is not
 * waited for either.
 */
export async function boundedBy<Result>(
  child: Child<Result>,
  { timeoutMilliseconds, signal, isTooMuch }: Bounds,
): Promise<{ readonly result: Result; readonly ended: 'timeout' | 'cancelled' | null }> {
  let ended = null as 'timeout' | 'cancelled' | null;
  const group = child.pid;
  const timers: NodeJS.Timeout[] = [];
  const end = (why: 'timeout' | 'cancelled'): void => {
    if (ended !== null) return;
    ended = why;
    signalGroup(group, 'SIGTERM');
    timers.push(setTimeout(giveUp, GRACE_MILLISECONDS));
  };
  const giveUp = (): void => {
    signalGroup(group, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const cancel = (): void => end('cancelled');
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  timers.push(setTimeout(() => end('timeout'), timeoutMilliseconds));
  const look = async (): Promise<void> => {
    if (await isTooMuch?.()) end('timeout');
  };
  if (isTooMuch) timers.push(setInterval(() => void look(), LOOK_MILLISECONDS));
  keep(group);
  try {
    const result = await child;
    // Whoever of the group obeyed is gone; who did not is not left behind.
    if (ended !== null) signalGroup(group, 'SIGKILL');
    return { result, ended };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    letGo(group);
  }
}

function keep(group: number | undefined): void {
  if (group === undefined) return;
  if (running.size === 0) process.on('exit', endAll);
  running.add(group);
}

function letGo(group: number | undefined): void {
  if (group === undefined) return;
  running.delete(group);
  if (running.size === 0) process.off('exit', endAll);
}

function endAll(): void {
  for (const group of running) signalGroup(group, 'SIGKILL');
}

function signalGroup(group: number | undefined, signal: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in it.
  }
}
