import type { Terminal } from './terminal.ts';

/** Only what takes longer than this is worth a line. */
const PATIENCE_MILLISECONDS = 1000;

/** On a terminal, says on stderr what is waited for once it takes longer than a second; the returned function takes it away. */
export function showProgress(terminal: Terminal, text: string): () => void {
  if (!terminal.interactive.stderr) return () => undefined;
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    terminal.stderr(`${text} …`);
  }, PATIENCE_MILLISECONDS);
  return () => {
    clearTimeout(timer);
    // Back to the beginning of the line, and erase it (ECMA-48).
    if (shown) terminal.stderr('\r\u001b[K');
    shown = false;
  };
}

/** Runs `work`, with `showProgress` for as long as it takes. Throws where it was interrupted: what it found is not the answer. */
export async function withProgress<T>(terminal: Terminal, text: string, work: () => Promise<T>): Promise<T> {
  const end = showProgress(terminal, text);
  try {
    const result = await work();
    terminal.signal.throwIfAborted();
    return result;
  } finally {
    end();
  }
}
