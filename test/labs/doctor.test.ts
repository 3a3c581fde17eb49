import { execa } from 'execa';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../cli/doctor/checks.ts';
import { findTool } from '../../labs/sandbox/tools.ts';
import { installedForTests } from './support/installed-for-tests.ts';
import { whoRunsTests } from './support/users.ts';

const users = await whoRunsTests();
const dist = installedForTests();
let place: string;

interface Answer {
  readonly status: number | undefined;
  readonly able: boolean;
  /** What was found of each check, by its id. */
  readonly found: Readonly<Record<string, Check>>;
}

async function doctor(prefix: readonly string[]): Promise<Answer> {
  const [file = '', ...rest] = [
    ...prefix,
    process.execPath,
    join(dist(), 'cli/hoplab.mjs'),
    'doctor',
    '--json',
  ];
  const { exitCode, stdout, stderr } = await execa(file, rest, {
    reject: false,
    env: { HOPLAB_RUNTIME_DIR: place, HOPLAB_DIST: dist(), HOPLAB_LANGUAGE: 'en', LC_ALL: 'C' },
  });
  expect(stderr).toBe('');
  const { able, checks } = JSON.parse(stdout) as { able: boolean; checks: Check[] };
  return { status: exitCode, able, found: Object.fromEntries(checks.map((check) => [check.id, check])) };
}

/** A command prefix for which these programs and files are not there. */
const hiding = (...files: readonly (string | null)[]): readonly string[] => {
  const hide = 'for file in $0; do mount --bind /dev/null "$file" || exit 99; done; exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', hide, files.join(' ')];
};

describe.each(users)('hoplab doctor of $title', ({ become, uid }) => {
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'hldo-'));
    await chown(place, uid, uid);
  });

  afterEach(async () => {
    expect(await readdir(place)).toEqual([]);
    await rm(place, { recursive: true });
  });

  it('tries a sandbox, the kernel and an engine, and leaves nothing', async () => {
    const { status, able, found } = await doctor(become);
    expect({ status, able }).toEqual({ status: 0, able: true });
    for (const id of ['tools', 'sandbox', 'kernel', 'engines-in-labs'])
      expect(found[id]).toMatchObject({ state: 'ok', command: null });
    expect(found['engines-in-labs']?.detail).toMatch(/^An engine .* ready after [\d.]+ s\.$/);
    expect(found['privileges']?.state).toBe(uid === 0 ? 'ok' : 'limited');
  });

  // Only root can hide a program from one process.
  if (process.getuid?.() === 0) {
    it('says which packages are missing where there is no dockerd, nft, newuidmap', async () => {
      const tools = await Promise.all(['dockerd', 'nft', 'newuidmap'].map((tool) => findTool(tool)));
      const { status, found } = await doctor([...hiding(...tools), ...become]);
      expect(status).toBe(0);
      expect(found['tools']).toMatchObject({ state: 'limited', command: 'sudo apt-get install nftables' });
      expect(found['engines-in-labs']).toMatchObject({
        state: 'limited',
        command: `sudo apt-get install docker.io${uid === 0 ? '' : ' uidmap'}`,
      });
      expect(found['kernel']?.detail).toContain('cannot use nftables');
    });

    it('says that labs cannot run where there is no ip', async () => {
      const { status, able, found } = await doctor([...hiding(await findTool('ip')), ...become]);
      expect({ status, able }).toEqual({ status: 1, able: false });
      expect(found['sandbox']).toMatchObject({
        state: 'missing',
        detail: 'A lab needs ip, which this machine does not have.',
        command: 'sudo apt-get install iproute2',
      });
    });
  }
});

describe('hoplab doctor', () => {
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'hldo-'));
  });
  afterEach(() => rm(place, { recursive: true }));

  it('names the setting that forbids user namespaces', async () => {
    // The limit holds for the user namespace that sets it, and for those below.
    const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces; mount -t tmpfs none "$0"; exec "$@"';
    const sandboxed = resolve('test/support/sandboxed.sh');
    const { status, found } = await doctor([sandboxed, 'sh', '-c', forbid, place]);
    expect(status).toBe(1);
    expect(found['sandbox']).toMatchObject({
      state: 'missing',
      detail: 'User namespaces are switched off here (user.max_user_namespaces is 0).',
      command: 'sudo sysctl -w user.max_user_namespaces=15000',
    });
    expect(found['engines-in-labs']?.detail).toBe('Not tried, because there is no sandbox.');
  });
});
