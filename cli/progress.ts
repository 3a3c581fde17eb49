import type { Terminal } from './terminal.ts';

/** Only what takes longer than this is worth a line. */
const PATIENCE_MILLISECONDS = 1000;

/** Runs `work`; on a terminal, says on stderr what it is waiting for once it takes longer than a second. */
export async function withProgress<T>(terminal: Terminal, text: string, work: () => Promise<T>): Promise<T> {
  if (!terminal.interactive.stderr) return work();
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    terminal.stderr(`${text} …`);
  }, PATIENCE_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    // Back to the beginning of the line, and erase it (ECMA-48).
    if (shown) terminal.stderr('\r\u001b[K');
  }
}
