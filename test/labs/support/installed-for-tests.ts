import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { installed } from './installed.ts';
import { machineState } from './machine.ts';

/**
 * For the top of a test file: Hoplab is put where every user can read it, and after the file's tests the machine must be
 * as it was before. The directory, once tests run.
 */
export function installedForTests(): () => string {
  let directory = '';
  let before: readonly string[];
  beforeAll(async () => {
    before = await machineState();
    directory = await installed();
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    expect(await machineState()).toEqual(before);
  });
  return () => directory;
}
