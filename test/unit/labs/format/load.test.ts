import { execa } from 'execa';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
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
    expect(await complaints()).toMatch(/^DIR\/lab\.yaml:8:8: level: /);
  });

  it('is refused where a command names a node that is not there', async () => {
    await edit('lab.yaml', (text) =>
      text.replace('{ node: red, run: ip route', '{ node: rde, run: ip route'),
    );
    expect(await complaints()).toMatch(
      /^DIR\/lab\.yaml:\d+:\d+: steps\.1\.solution\.0\.node: there is no node rde; there are red, router, blue, lab$/,
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
    expect(await complaints()).toMatch(/^DIR\/lab\.yaml:\d+:\d+: [^\n]*$/);
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

describe('a lab directory from anywhere', () => {
  const write = (text: string): Promise<void> => writeFile(join(directory, 'lab.yaml'), text);

  it.each(['lab.yaml', 'guide.md'])('is not followed where its %s leads elsewhere', async (name) => {
    await rm(join(directory, name));
    await symlink('/etc/hostname', join(directory, name));
    expect(await complaints()).toBe(`DIR/${name}: is a symbolic link; a lab needs the file itself`);
  });

  it('is not waited for where a file is a pipe or a directory', async () => {
    await rm(join(directory, 'guide.md'));
    await execa('mkfifo', [join(directory, 'guide.md')]);
    expect(await complaints()).toBe('DIR/guide.md: is no ordinary file; a lab needs one');
    await rm(join(directory, 'lab.yaml'));
    await mkdir(join(directory, 'lab.yaml'));
    expect(await complaints()).toBe('DIR/lab.yaml: is no ordinary file; a lab needs one');
  });

  it('is not read where it is huge', async () => {
    await truncate(join(directory, 'lab.yaml'), 1024 ** 3);
    expect(await complaints()).toBe('DIR/lab.yaml: has 1073741824 bytes; a file of a lab has 524288 at most');
  });

  it('is refused where aliases multiply', async () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x]'
        : `a${level}: &a${level} [${Array(10)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    );
    await write(levels.join('\n'));
    expect(await complaints()).toBe('DIR/lab.yaml: uses too many aliases; write out what they stand for');
  });

  it.each([
    ['an alias of itself', 'id: &a [*a]', /lab\.yaml/],
    ['brackets without end', '['.repeat(100_000), /^DIR\/lab\.yaml(:\d+:\d+)?: [^\n]+$/],
    ['a key of every object', '__proto__: { id: x }\nconstructor: 1', /__proto__|constructor/],
    ['a tag of another language', 'id: !!js/function "() => 1"', /lab\.yaml:/],
    ['terminal escapes', '"\\e[2J": 1', /^[^\u001b]*$/],
    ['nothing', '', /lab\.yaml:1:1: /],
    ['a text', 'hello', /lab\.yaml:1:1: /],
  ])('is refused where it is %s', async (_what, text, complaint) => {
    await write(text);
    expect(await complaints()).toMatch(complaint);
  });

  it.each([
    ['a path for a name', 'id: router', 'id: ../../etc', /:2:5: id: a name is made of/],
    ['a path for a namespace', '        red:\n', '        ../red:\n', /topology\.hosts\.lab\.namespaces/],
    ['a command for an interface', 'dev: to-red }', "dev: 'x; reboot' }", /\.dev: an interface name has/],
    ['a line of its own for ip', '[10.0.1.2/24]', '["10.0.1.2/24\\nlink del lo"]', /needs its prefix length/],
    [
      'an address that is none',
      'to: 10.0.2.2, via: 10.0.1.1',
      'to: "::1 dev lo", via: 10.0.1.1',
      /this is no address/,
    ],
    ['a number that is too large', '[10.0.1.2/24]', '[10.0.1.256/24]', /needs its prefix length/],
    [
      'a setting outside of /proc/sys',
      'net.ipv4.ip_forward: 0',
      '../../etc/passwd: 0',
      /named like net\.ipv4/,
    ],
    [
      'more namespaces than any lesson needs',
      '        red:\n',
      Array.from({ length: 101 }, (_, n) => `        n${n}:\n`).join('') + '        red:\n',
      /100 namespaces at most/,
    ],
  ])('is refused where it has %s', async (_what, before, after, complaint) => {
    await edit('lab.yaml', (text) => text.replace(before, after));
    const said = await complaints();
    expect(said).toMatch(complaint);
    for (const line of said.split('\n')) expect(line).toMatch(/^DIR\/lab\.yaml:\d+:\d+: [^\n]+$/);
  });

  it('has its commands taken as words: what a shell would read in them stays text', async () => {
    await edit('lab.yaml', (text) =>
      text.replace(
        'run: ip route add default via 10.0.1.1',
        "run: 'echo $(id) `id` ; > /tmp/x | cat && true'",
      ),
    );
    const { lab } = await loadLab(directory);
    expect(lab.steps[1]?.solution[0]?.run).toEqual([
      'echo',
      '$(id)',
      '`id`',
      ';',
      '>',
      '/tmp/x',
      '|',
      'cat',
      '&&',
      'true',
    ]);
  });
});

it('the published JSON Schema is that of the code', async () => {
  const schema = z.toJSONSchema(labSchema, { io: 'input', unrepresentable: 'any' });
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../../../labs/format/lab.schema.json',
  );
});
