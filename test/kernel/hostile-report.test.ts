import { execa } from 'execa';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { diagnosisMarkdown } from '../../diagnostics/report/markdown.ts';
import { diagnosisText } from '../../diagnostics/report/text.ts';
import { commandLine } from '../../diagnostics/report/command.ts';
import { buildCommand } from '../support/built-command.ts';
import { hoplab } from '../support/command-line.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** Each would do something in a terminal, a shell, a browser or a Markdown reader that obeys it. `zap` is a command here. */
const HOSTILE = [
  '\u001b[2Jred\u0007',
  '\u009b31mC1',
  '\u202egnp.exe',
  'zero\u200bwidth\u2060',
  '<img src=x onerror=zap>',
  '[click](command:zap)',
  '**bold** _it_ `zap`',
  '$(zap)',
  ';zap;',
  "';zap;'",
  '"|zap&&zap',
  'new\nline zap',
  '-rf --help',
  '$(exclamation) ![x](y)',
];
/** At most 15 bytes, no blank and no slash: what the kernel allows for an interface. */
const DEVICES = ['$(zap)', ';zap;', "';zap;'", '`zap`', '\u001b[2J', '\u202egnp', '<b>', '[a](b)', '"zap"*'];

let net: TestNetwork;
let stubs: string;
const log = (): Promise<string> => readFile(join(stubs, 'log'), 'utf8').catch(() => '');

/** Words as NUL-separated lines of a log: what each pasted command was called with. */
const STUB = `#!/bin/bash
{ printf '%s\\0' "\${0##*/}" "$@"; printf '\\n\\0'; } >>"$(dirname "$0")/log"
`;

beforeAll(async () => {
  stubs = await mkdtemp(join(tmpdir(), 'stubs-'));
  await chmod(stubs, 0o755);
  const tools = ['zap', 'ip', 'bridge', 'sysctl', 'nft', 'nsenter', 'docker', 'ss', 'getent', 'click', 'cat'];
  for (const tool of [...tools, 'iptables-nft', 'iptables-legacy']) {
    await writeFile(join(stubs, tool), STUB.replace('dirname', '/usr/bin/dirname'), { mode: 0o755 });
  }
});
afterAll(() => rm(stubs, { recursive: true }));
beforeEach(async () => {
  await rm(join(stubs, 'log'), { force: true });
  net = await buildNetwork();
});
afterEach(() => net.close());

const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** Asks in every form; none holds anything that would be obeyed, and what is pasted from it does what it says. */
async function expectHarmless(...question: string[]): Promise<Diagnosis> {
  const asked = ['why', ...question, '--no-probe'];
  const [json, chinese] = await Promise.all([
    hoplab([...asked, '--json']),
    hoplab([...asked, '--markdown', '--lang', 'zh-cn']),
  ]);
  expect(json.stdout + chinese.stdout + json.stderr + chinese.stderr).not.toMatch(OBEYED);
  const diagnosis = JSON.parse(json.stdout) as Diagnosis;
  const text = diagnosisText(diagnosis, { language: 'en', colour: false, columns: 100 });
  expect(text).not.toMatch(OBEYED);
  const prose = [chinese.stdout, diagnosisMarkdown(diagnosis, 'en')]
    .join('\n\n')
    .replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
  expect(prose).not.toMatch(/(?<!\\)<(img|b)/);
  expect(prose).not.toMatch(/(?<!\\)\]\(/);
  expect(prose).not.toMatch(/(?<![\\`])`zap`/);
  await expectPastesHarmlessly(diagnosis);
  return diagnosis;
}

async function paste(line: string): Promise<readonly string[][]> {
  await rm(join(stubs, 'log'), { force: true });
  await execa('/usr/bin/env', ['-i', `PATH=${stubs}`, 'LC_ALL=C.UTF-8', '/bin/bash', '-c', line], {
    cwd: stubs,
    reject: false,
  });
  return (await log())
    .split('\n\0')
    .filter((call) => call !== '')
    .map((call) => call.split('\0').slice(0, -1));
}

async function expectPastesHarmlessly({ causes }: Diagnosis): Promise<void> {
  for (const cause of causes) {
    for (const { source } of cause.evidence.filter((one) => !one.source.startsWith('/proc/'))) {
      const calls = await paste(source);
      expect(
        calls.flatMap(([tool]) => tool),
        source,
      ).not.toContain('zap');
    }
    for (const step of cause.fixes.flatMap(({ steps, undo }) => [...steps, ...undo])) {
      const calls = await paste(commandLine(step));
      expect(calls).toHaveLength(1);
      // Behind the words that lead into a namespace stands the very command that `--apply` runs.
      expect(calls[0]?.slice(-step.argv.length)).toEqual(step.argv);
    }
  }
}

/** red – host – blue, where the host does not let the packet through. */
async function twoNamespaces(device = 'eth0'): Promise<void> {
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'host/ra 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'host/rb 10.0.2.1/24');
  if (device !== 'eth0') {
    await net.run('red', ['ip', 'link', 'set', 'dev', 'eth0', 'down']);
    await net.run('red', ['ip', 'link', 'set', 'dev', 'eth0', 'name', device]);
    await net.run('red', ['ip', 'link', 'set', 'dev', device, 'up']);
  }
  await net.run('red', ['ip', 'route', 'add', 'default', 'via', '10.0.1.1', 'dev', device]);
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('host', 'sysctl -qw net.ipv4.ip_forward=1');
}

describe('names', () => {
  test.each(HOSTILE)('a namespace %j', async (name) => {
    await twoNamespaces();
    await net.run('red', 'ip link set eth0 down');
    await net.rename('red', name);
    const diagnosis = await expectHarmless(`netns:${name}`, 'netns:blue');
    expect(diagnosis.causes.map(({ id }) => id)).toContain('interface-down');
    expect(diagnosis.flow.from).toBe(`netns:${name}`);
    const map = await hoplab(['map']);
    expect(map.stdout).not.toMatch(OBEYED);
  });

  /** In a process of its own: there the words come as arguments, and the text goes to a file. */
  test.each(['new\nline zap', '-rf --help'])('a namespace %j, asked by the built command', async (name) => {
    const command = await buildCommand();
    await twoNamespaces();
    await net.run('red', 'ip link set eth0 down');
    await net.rename('red', name);
    const argv = ['why', `netns:${name}`, 'netns:blue', '--no-probe', '--json'];
    const [built, here] = await Promise.all([command.run('root', argv), hoplab(argv)]);
    const meaning = (json: string): unknown => ({ ...(JSON.parse(json) as Diagnosis), timings: null });
    expect(built.stdout + built.stderr).not.toMatch(OBEYED);
    expect(meaning(built.stdout)).toEqual(meaning(here.stdout));
  });

  test.each(DEVICES)('an interface %j', async (device) => {
    await twoNamespaces(device);
    await net.run('red', ['ip', 'link', 'set', 'dev', device, 'down']);
    const diagnosis = await expectHarmless('netns:red', 'netns:blue');
    expect(diagnosis.causes.map(({ id }) => id)).toContain('interface-down');
    await rm(join(stubs, 'log'), { force: true });
    const applied = await hoplab(['why', 'netns:red', 'netns:blue', '--apply', '--yes']);
    expect([applied.status, await log()], applied.stderr).toEqual([0, '']);
  });

  test.each(DEVICES)('the interface %j in a rule that masquerades', async (device) => {
    await twoNamespaces();
    await net.run('blue', 'ip route del default');
    await net.run('host', ['ip', 'link', 'set', 'dev', 'rb', 'down']);
    await net.run('host', ['ip', 'link', 'set', 'dev', 'rb', 'name', device]);
    await net.run('host', ['ip', 'link', 'set', 'dev', device, 'up']);
    await net.run('host', [
      'nft',
      'add table ip t; add chain ip t post { type nat hook postrouting priority 100; }',
    ]);
    await net.run('host', ['nft', 'add rule ip t post ip saddr 10.9.9.9 masquerade']);
    const diagnosis = await expectHarmless('netns:red', 'netns:blue');
    expect(diagnosis.causes.map(({ id }) => id)).toEqual(['missing-masquerade']);
    await net.run('host', 'nft delete table ip t');
  });

  test.each(HOSTILE)('a comment of a rule %j', async (comment) => {
    await twoNamespaces();
    const rule = ['FORWARD', '-d', '10.0.2.2', '-m', 'comment', '--comment', comment, '-j', 'DROP'];
    await net.run('host', ['iptables-nft', '-A', ...rule]);
    try {
      const diagnosis = await expectHarmless('netns:red', 'netns:blue');
      expect(diagnosis.causes.map(({ id }) => id)).toEqual(['filter-drop']);
      // To apply one takes seconds: those that a shell would obey.
      if (!/zap|\n/.test(comment)) return;
      await rm(join(stubs, 'log'), { force: true });
      const applied = await hoplab(['why', 'netns:red', 'netns:blue', '--apply', '--yes']);
      expect([applied.status, await log()], applied.stderr).toEqual([0, '']);
    } finally {
      await net.run('host', ['iptables-nft', '-F', 'FORWARD']);
    }
  });

  test.each(HOSTILE)('a program that listens %j', async (name) => {
    await twoNamespaces();
    await net.listen('blue', {
      ...{ protocol: 'tcp', port: 80, address: '127.0.0.1' },
      name: name.slice(0, 15),
    });
    const shy = await expectHarmless('netns:red', 'netns:blue:80');
    expect(shy.causes.map(({ id }) => id)).toEqual(['listens-on-loopback']);
  });

  test('comments of native nft rules', async () => {
    await twoNamespaces();
    const comment = '\u202e$(zap) ;zap; <img>\n [a](b)';
    await net.run('host', [
      'nft',
      `add table ip t; add chain ip t f { type filter hook forward priority 0; }; add rule ip t f ip daddr 10.0.2.2 drop comment "${comment}"`,
    ]);
    const diagnosis = await expectHarmless('netns:red', 'netns:blue');
    expect(diagnosis.causes.map(({ id }) => id)).toEqual(['filter-drop']);
    await net.run('host', 'nft delete table ip t');
  });

  test.each(HOSTILE)('a name to ask for %j', async (name) => {
    const questions = [
      ['host', name],
      [name, 'host'],
      ['host', `container:${name}`],
      ['host', '10.0.0.1', '--port', name],
      ['host', '10.0.0.1', '--lang', name],
      ['host', '10.0.0.1', '--from-snapshot', `/nowhere/${name}`],
    ];
    const answers = await Promise.all(questions.map((argv) => hoplab(['why', '--no-probe', ...argv])));
    for (const [index, { status, stdout, stderr }] of answers.entries()) {
      const argv = questions[index] ?? [];
      expect(stdout + stderr).not.toMatch(OBEYED);
      expect([1, 2, 64], `${argv.join(' ')}: ${stderr}`).toContain(status);
      if (stderr !== '') expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});
