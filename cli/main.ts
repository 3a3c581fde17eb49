#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { setFlagsFromString } from 'node:v8';
import { EXIT } from './exit.ts';
import { writeProblem } from './file-option.ts';
import { languageOf } from './language.ts';
import { run } from './run.ts';
import { toolSaid } from './sayings.ts';

// A short life with much to read: memory for what is new grows at once, instead of being cleared again and again, and only
// what is called very often is worth compiling twice.
setFlagsFromString('--semi-space-growth-factor=16');
setFlagsFromString('--interrupt-budget=700000');

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort(new Error(`stopped by ${signal}`));
  });
}
let outputLost = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that goes away (`hoplab … | head`) is no error: what is under way ends as with Ctrl-C, and takes back what it did.
  if (error.code === 'EPIPE') interruption.abort(new Error('nobody reads the output'));
  else if (!outputLost) {
    outputLost = true;
    process.stderr.write(
      `hoplab: ${toolSaid(`the output could not be written: ${writeProblem(error)}`, languageOf(process.env))}\n`,
    );
  }
});
// There is nobody to tell.
process.stderr.on('error', () => undefined);
process.on('exit', () => {
  if (outputLost) process.exitCode = EXIT.internal;
});

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

/** Node leaves `isTTY` undefined on what is no terminal, whatever its types say. */
const isTerminal = ({ isTTY }: { readonly isTTY?: boolean }): boolean => isTTY === true;

process.exitCode = await run(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  interactive: {
    stdout: isTerminal(process.stdout),
    stderr: isTerminal(process.stderr),
    stdin: isTerminal(process.stdin),
  },
  columns: isTerminal(process.stdout) ? process.stdout.columns : null,
  env: process.env,
  ask,
  signal: interruption.signal,
});
