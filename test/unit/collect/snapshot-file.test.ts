import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSnapshot, SnapshotError, snapshotSource } from '../../../diagnostics/collect/snapshot-file.ts';
import { absent, known } from '../../../diagnostics/model/fact.ts';
import { UNREAD_FACTS, type Snapshot } from '../../../diagnostics/model/snapshot.ts';

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'snapshot-'))));
afterAll(() => rm(directory, { recursive: true }));

const snapshot: Snapshot = {
  schema: 1,
  machine: { kernel: '6.1', bootId: 'b', takenAt: '2026-01-01T00:00:00Z', privileged: true },
  hosts: [{ id: 'machine', rootNamespace: 'machine/1', engine: absent }],
  namespaces: [
    {
      id: 'machine/1',
      host: 'machine',
      inode: 1,
      names: [{ type: 'host' }],
      facts: { ...UNREAD_FACTS, sysctls: known({ 'net/ipv4/ip_forward': '1' }) },
    },
  ],
};

const file = (name: string): string => join(directory, name);
const problemOf = async (path: string): Promise<string> => {
  try {
    await loadSnapshot(path);
    return 'none';
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    expect(error.message).toMatch(/^\S.*\.$/);
    expect(error.message).not.toContain('\n');
    return error.problem;
  }
};

test('a snapshot replays as it was', async () => {
  await writeFile(file('good'), JSON.stringify(snapshot));
  expect(await loadSnapshot(file('good'))).toEqual(snapshot);
});

test('what a file lacks is said in a word', async () => {
  const text = JSON.stringify(snapshot);
  await writeFile(file('cut'), text.slice(0, -20));
  await writeFile(file('empty'), '');
  await writeFile(file('list'), '[]');
  await writeFile(file('newer'), JSON.stringify({ ...snapshot, schema: 2 }));
  await writeFile(file('older'), JSON.stringify({ ...snapshot, schema: 'x' }));
  await writeFile(file('odd'), text.replace('"names":[{"type":"host"}]', '"names":[{"type":"else"}]'));
  await writeFile(file('facts'), text.replace('"links":{"state":"unread"},', ''));
  await writeFile(file('huge'), '{');
  await truncate(file('huge'), 600 * 1024 * 1024);
  const problems: Record<string, string> = {};
  for (const name of ['cut', 'empty', 'list', 'newer', 'older', 'odd', 'facts', 'huge', 'missing', '.'])
    problems[name] = await problemOf(file(name));
  expect(problems).toEqual({
    cut: 'damaged',
    empty: 'damaged',
    list: 'damaged',
    newer: 'newer',
    older: 'damaged',
    odd: 'damaged',
    facts: 'damaged',
    huge: 'too-large',
    missing: 'unreadable',
    '.': 'unreadable',
  });
});

test('a snapshot answers from what it holds and says what it does not', async () => {
  const source = snapshotSource(snapshot);
  expect(source.probe).toBeNull();
  const found = await source.discover();
  const read = await source.read(found, [
    { namespace: 'machine/1', fact: 'sysctls' },
    { namespace: 'machine/1', fact: 'routes' },
  ]);
  expect(read.namespaces[0]?.facts.sysctls).toEqual(known({ 'net/ipv4/ip_forward': '1' }));
  expect(read.namespaces[0]?.facts.routes).toEqual({
    state: 'denied',
    reason: expect.stringContaining('not in the snapshot') as unknown,
  });
});

test('a pipe is read to its end', async () => {
  await execa('mkfifo', [file('pipe')]);
  // Larger than a pipe holds.
  const large = { ...snapshot, machine: { ...snapshot.machine, kernel: 'k'.repeat(300_000) } };
  // Its writer is there before the reader, as with `<(zcat FILE)`.
  const writer = await open(file('pipe'), 'r+');
  const loaded = loadSnapshot(file('pipe'));
  await writer.writeFile(JSON.stringify(large));
  await writer.close();
  expect(await loaded).toEqual(large);
});

test('who waits for a pipe that nobody writes into can be stopped', async () => {
  await execa('mkfifo', [file('idle')]);
  const stop = new AbortController();
  const loaded = loadSnapshot(file('idle'), stop.signal);
  stop.abort(new Error('stopped'));
  await expect(loaded).rejects.toThrow();
});
