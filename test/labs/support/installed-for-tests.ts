import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { machineState } from '../../../.ci/test/machine.mjs';
import { installed } from './installed.ts';

/**
 * For the top of a test file: Hoplab is put where every user can read it, and after the file's tests the machine must be
 * as it was before. The directory, once tests run.
 */
export function installedForTests(): () => string {
  let directory = '';
  let before: ReturnType<typeof machineState>;
  beforeAll(async () => {
    before = machineState();
    directory = await installed();
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    expect(machineState()).toEqual(before);
  });
  return () => directory;
}
