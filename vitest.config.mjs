import { defineConfig } from 'vitest/config';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByTime } from './.ci/test/sequence.mjs';

/** One project a layer: unit tests need nothing, the others need the sandbox that `test/support` makes for them. */
const project = (name, more = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});

/**
 * Ends what hangs, in milliseconds. No measure of speed: the machines that run the tests are slow, and busy with other
 * layers.
 */
const HANGS = 300_000;
const PATIENCE = { testTimeout: HANGS, hookTimeout: HANGS, expect: { poll: { timeout: 60_000 } } };

export default defineConfig({
  cacheDir: join(tmpdir(), 'hoplab-vitest'),
  test: {
    sequence: { sequencer: ByTime },
    projects: [
      // A command line tool that starts on a busy machine takes its time. Tests of pure functions share a worker's modules: to
      // load the engine for each file cost as much as all the tests.
      project('unit', { ...PATIENCE, isolate: false }),
      // One file at a time: they share the sandbox's names and its root namespace.
      project('kernel', { ...PATIENCE, fileParallelism: false, isolate: false }),
      project('docker', {
        ...PATIENCE,
        fileParallelism: false,
        isolate: false,
        setupFiles: 'test/docker/setup.ts',
      }),
      {
        test: {
          name: 'pages',
          include: ['test/workbench/pages/**/*.test.ts'],
          globalSetup: 'test/workbench/pages/build.ts',
          fileParallelism: false,
          ...PATIENCE,
        },
      },
      // Pictures for the documentation; not a part of `npm test`.
      {
        test: {
          name: 'screenshots',
          include: ['test/workbench/screenshots/**/*.test.ts'],
          ...PATIENCE,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'whole',
          include: ['test/workbench/whole/**/*.test.ts'],
          ...PATIENCE,
          fileParallelism: false,
        },
      },
      // Labs are sandboxes of their own, and wait more than they work: two files at a time.
      project('labs', {
        ...PATIENCE,
        globalSetup: 'test/labs/support/prepare.ts',
        maxWorkers: 2,
      }),
    ],
  },
});
