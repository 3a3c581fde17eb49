import { execa } from 'execa';
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installed } from './support/installed.ts';

/** A checkout as root often has one: under a directory of mode 0700, every file made with umask 077. */
let closed: string;
let checkout: string;

beforeAll(async () => {
  closed = await mkdtemp(join(tmpdir(), 'hoplab-closed-'));
  checkout = join(closed, 'deep/checkout');
  const dist = await installed();
  await cp(dist, join(checkout, 'dist'), { recursive: true });
  await rm(dist, { recursive: true });
  await mkdir(join(checkout, 'bin'));
  await copyFile(process.execPath, join(checkout, 'bin/node'));
  await writeFile(join(checkout, 'package.json'), '{"name":"closed"}');
  await execa('chmod', ['-R', 'go=', closed]);
});

afterAll(() => rm(closed, { recursive: true }));

it.each([
  ['also its files are closed', 'go='],
  ['only a folder above is', 'go=rX'],
])('tests find their files in a checkout that only its owner can enter: %s', async (what, mode) => {
  const folder = join(closed, what);
  await mkdir(join(folder, 'node_modules/dependency'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"name":"mine"}');
  await writeFile(join(folder, 'node_modules/dependency/index.js'), 'module.exports = "theirs"');
  await execa('chmod', ['-R', mode, folder]);
  const script = "[process.cwd(), require('./package.json').name, require('dependency')].join(' | ')";
  const { stdout } = await execa(resolve('test/support/sandboxed.sh'), ['node', '-p', script], {
    cwd: folder,
  });
  expect(stdout).toBe(`${folder} | mine | theirs`);
});

it('a lab runs from an installation that only its owner can read, by a Node that lies there too', async () => {
  const runtime = join(closed, 'r');
  const hoplab = (...argv: string[]) =>
    execa(join(checkout, 'bin/node'), [join(checkout, 'dist/cli/hoplab.mjs'), 'lab', ...argv], {
      cwd: checkout,
      env: { HOPLAB_RUNTIME_DIR: runtime, XDG_STATE_HOME: join(closed, 's'), HOPLAB_LANGUAGE: 'en' },
    });
  expect(JSON.parse((await hoplab('start', 'router', '--json')).stdout)).toMatchObject({ state: 'running' });
  expect(JSON.parse((await hoplab('solve', '--run', '--json')).stdout)).toMatchObject({ ran: true });
  expect((await hoplab('status')).stdout).toContain('✔ 1. ');
  await hoplab('stop');
  expect(await readdir(runtime)).toEqual([]);
});
