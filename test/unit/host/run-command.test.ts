import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runArgv } from '../../../diagnostics/host/run-command.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hoplab-run-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A tool that is a script: what hangs is a process of its own, which holds both outputs open. */
const hanging = (): readonly string[] => [
  'sh',
  '-c',
  'sleep 600 & echo $! >"$1/child"; wait',
  'sh',
  directory,
];

const child = (): number => Number(readFileSync(join(directory, 'child'), 'utf8'));

function isThere(pid: number): boolean {
  try {
    // What nobody waited for any more stays as a zombie where the first process does not care.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.each([{ gathered: false }, { gathered: true }])(
  'a command that hangs (gathered: $gathered)',
  (how) => {
    it('is ended in time with all that it started', async () => {
      const output = await runArgv(hanging(), { ...how, timeoutMilliseconds: 300 });
      expect(output.problem).toBe('timeout');
      expect(isThere(child())).toBe(false);
    });

    it('is ended with all that it started when the question is cancelled', async () => {
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(), 300);
      const output = await runArgv(hanging(), { ...how, signal: cancel.signal });
      expect(output.problem).toBe('cancelled');
      expect(isThere(child())).toBe(false);
    });

    it('is not waited for where what it started went its own way', async () => {
      const output = await runArgv(['sh', '-c', 'setsid sleep 5 & sleep 600'], {
        ...how,
        timeoutMilliseconds: 300,
      });
      expect(output.problem).toBe('timeout');
    }, 4000);
  },
);

it('a question that was cancelled before starts nothing', async () => {
  const output = await runArgv(['sh', '-c', 'echo $$ >"$1/child"', 'sh', directory], {
    signal: AbortSignal.abort(),
  });
  expect(output.problem).toBe('cancelled');
  expect(() => child()).toThrow();
});

it('a question that is cancelled while its command is being started ends it', async () => {
  const cancel = new AbortController();
  const running = runArgv(['sleep', '600'], { signal: cancel.signal });
  cancel.abort();
  expect((await running).problem).toBe('cancelled');
}, 4000);

it('a command that never stops talking is ended, and does not fill the disk', async () => {
  const output = await runArgv(['yes', 'x'.repeat(4000)], {
    gathered: true,
    timeoutMilliseconds: 60_000,
    maximumCharacters: 1_000_000,
  });
  expect(output.problem).toBe('timeout');
}, 10_000);
