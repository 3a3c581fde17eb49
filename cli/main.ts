#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { run } from './run.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interruption.abort(new Error(`stopped by ${signal}`));
  });
}
// A reader that goes away (`hoplab … | head`) is no error.
process.stdout.on('error', () => process.exit(0));

async function ask(question: string, signal: AbortSignal): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
    return await Promise.race([lines.question(question, { signal }), ended]);
  } catch {
    return null;
  } finally {
    lines.close();
  }
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  interactive: {
    stdout: process.stdout.isTTY,
    stderr: process.stderr.isTTY,
    stdin: process.stdin.isTTY,
  },
  columns: process.stdout.isTTY ? process.stdout.columns : null,
  env: process.env,
  ask,
  signal: interruption.signal,
});
