import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { labSchema } from '../../../../labs/format/lab-schema.ts';
import { loadLab } from '../../../../labs/format/load.ts';

const CATALOG = 'labs/catalog';
const labs = await readdir(CATALOG);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hoplab-lab-'));
  await cp(join(CATALOG, '13-a-router'), directory, { recursive: true });
});
afterEach(() => rm(directory, { recursive: true }));

const edit = async (file: string, change: (text: string) => string): Promise<void> => {
  const path = join(directory, file);
  const before = await readFile(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
};

const complaints = async (): Promise<string> => {
  try {
    await loadLab(directory);
    return '';
  } catch (error) {
    return String((error as Error).message).replaceAll(directory, 'DIR');
  }
};

describe('a lab directory', () => {
  it.each(labs)('%s of the catalogue loads, in both languages', async (name) => {
    const { lab, guide } = await loadLab(join(CATALOG, name));
    expect(name).toMatch(new RegExp(`^${String(lab.number).padStart(2, '0')}-`));
    for (const fault of lab.faults) expect(fault.hints).toHaveLength(3);
    for (const step of lab.steps) expect(step.hints).toHaveLength(3);
    for (const text of [guide.en, guide['zh-cn']])
      expect(text.map((section) => section.id)).toEqual(expect.arrayContaining(['intro', 'debrief']));
  });

  it('is refused with file, line and what is wrong', async () => {
    await edit('lab.yaml', (text) => text.replace('level: 2', 'level: 9'));
    expect(await complaints()).toMatch(/^DIR\/lab\.yaml:8: level: /);
  });

  it('is refused where a command names a node that is not there', async () => {
    await edit('lab.yaml', (text) =>
      text.replace('{ node: red, run: ip route', '{ node: rde, run: ip route'),
    );
    expect(await complaints()).toMatch(
      /^DIR\/lab\.yaml:\d+: steps\.1\.solution\.0\.node: there is no node rde; there are red, router, blue, lab$/,
    );
  });

  it('is refused where a check is of no kind, or of two', async () => {
    await edit('lab.yaml', (text) =>
      text.replace(
        'reach: { from: red, to: 10.0.1.1 }',
        'listens: { node: red, protocol: tcp, port: 1 }\n        sysctl: { node: red, key: a, value: 1 }',
      ),
    );
    expect(await complaints()).toMatch(/a check has exactly one of: reach.*this one has sysctl and listens/);
  });

  it('is refused where a word of the format is misspelt', async () => {
    await edit('lab.yaml', (text) => text.replace('minutes: 20', 'minuts: 20'));
    expect(await complaints()).toMatch(/minuts/);
  });

  it('is refused where YAML itself is broken', async () => {
    await edit('lab.yaml', (text) => text.replace('tags: [routing, forwarding]', 'tags: [routing'));
    expect(await complaints()).toMatch(/^DIR\/lab\.yaml:\d+: /);
  });

  it('is refused where a step has no text in one of the languages', async () => {
    await edit('guide.zh-cn.md', (text) => text.replace('{#way-back}', ''));
    expect(await complaints()).toBe(
      'DIR/guide.zh-cn.md: step way-back has no text; add a heading "## Title {#way-back}"',
    );
  });

  it('has its variables filled in, chosen for the learner, in YAML and guides', async () => {
    await edit('lab.yaml', (text) =>
      `${text}\nvars: { who: [ada, bob] }\n`.replace('hello from blue', "'hello ${who}'"),
    );
    await edit('guide.md', (text) => text.replace('{#way-back}', '{#way-back}\nhi ${who}'));
    const { lab, guide } = await loadLab(directory, (_name, values) => values[1] ?? '');
    expect(lab.topology.processes[0]?.serve?.text).toBe('hello bob');
    expect(guide.en.find((section) => section.id === 'way-back')?.markdown).toContain('hi bob');
  });

  it('is refused where a variable is used that nobody declared', async () => {
    await edit('lab.yaml', (text) => text.replace('hello from blue', "'hello ${nobody}'"));
    expect(await complaints()).toContain('${nobody} is used, and `vars` has no such name');
  });
});

it('the published JSON Schema is that of the code', async () => {
  const schema = z.toJSONSchema(labSchema, { io: 'input', unrepresentable: 'any' });
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../../../labs/format/lab.schema.json',
  );
});
