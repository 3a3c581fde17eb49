/** Runs at most `limit` jobs at once; the others wait their turn. */
export function atMost(limit: number): <T>(job: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await job();
    } finally {
      // The place is handed on without being given up in between, so that nobody slips in.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
