import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  lookAtCgroups,
  lookAtNamespaces,
} from '../../../../diagnostics/collect/native/attached-to-sockets.ts';
import { cgroupPaths } from '../../../../diagnostics/collect/native/cgroup-paths.ts';
import type { SystemCalls } from '../../../../diagnostics/host/native/system-calls.ts';
import { kernelThatSays } from '../../../support/said-by-kernel.ts';

const EPERM = 1;
const EINVAL = 22;

// No sandbox may ask the kernel for programs: it is stood for by its answers, those of bpf(2).

/** A kernel that counts programs by the way they are attached; undefined: it does not know this way. */
const kernelWith = (count: (attachType: number) => number | undefined, errno = EINVAL): SystemCalls => ({
  ...kernelThatSays([]),
  bpf(_command, query) {
    const counted = count(query.readUInt32LE(4));
    if (counted !== undefined) query.writeUInt32LE(counted, 24);
    return counted === undefined ? -1 : 0;
  },
  errno: () => errno,
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroups-'));
  mkdirSync(join(root, 'system.slice/ssh.service'), { recursive: true });
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('programs of cgroups', () => {
  test.each([
    ['none', 'none are attached', kernelWith(() => 0)],
    ['some', 'one is, in whichever way', kernelWith((type) => (type === 14 ? 1 : 0))],
    ['none', 'an older kernel knows fewer ways', kernelWith((type) => (type <= 2 ? 0 : undefined))],
    ['unknown', 'a kernel knows nothing of them', kernelWith(() => undefined)],
    ['not-permitted', 'nobody may ask', kernelWith(() => undefined, EPERM)],
  ] as const)('%s: %s', (expected, _when, calls) => {
    expect(lookAtCgroups(calls, root)).toBe(expected);
  });

  test('a cgroup is found by the inode number of its directory', () => {
    expect([...cgroupPaths(root).values()].toSorted()).toEqual([
      '/',
      '/system.slice',
      '/system.slice/ssh.service',
    ]);
  });
});

test('programs that choose among sockets: the list of links says whether there are any', () => {
  expect(lookAtNamespaces(kernelWith(() => undefined, 2))).toBe('none');
  expect(lookAtNamespaces(kernelWith(() => undefined, EPERM))).toBe('not-permitted');
  expect(lookAtNamespaces(kernelWith(() => undefined))).toBe('unknown');
  // A link that is there, and gone before it is looked at.
  const gone = { ...kernelWith(() => 0), bpf: (command: number) => (command === 31 ? 0 : -1) };
  expect(lookAtNamespaces(gone)).toBe('unknown');
});
