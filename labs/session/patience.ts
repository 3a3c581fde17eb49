import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MILLISECONDS = 20;
const LONGEST_PAUSE_MILLISECONDS = 1000;

/** Rings when something has happened that may be worth a look. */
export class Bell {
  #waiting: (() => void)[] = [];

  ring(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Returns when it rings, or after this time. */
  async wait(milliseconds: number): Promise<void> {
    const over = new AbortController();
    const rung = new Promise<void>((resolve) => this.#waiting.push(resolve));
    await Promise.race([
      rung,
      delay(milliseconds, undefined, { signal: over.signal }).catch(() => undefined),
    ]);
    over.abort();
  }
}

/**
 * Looks until it is so or the time is over: again when the bell rings, and in between ever more seldom.
 * @param look whether it is so; called once at least, and once more when the time is over
 */
export async function patiently(
  look: () => Promise<boolean>,
  milliseconds: () => number,
  bell: Bell,
): Promise<boolean> {
  const began = Date.now();
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)) {
    if (await look()) return true;
    const left = milliseconds() - (Date.now() - began);
    if (left <= 0) return false;
    await bell.wait(Math.min(pause, left));
  }
}
