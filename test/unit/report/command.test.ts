import { execa } from 'execa';
import { expect, test } from 'vitest';
import { shellWord } from '../../../diagnostics/model/shell-word.ts';
import { commandLine } from '../../../diagnostics/report/command.ts';

test.each([
  ['plain', 'plain'],
  ['10.0.0.0/24', '10.0.0.0/24'],
  ['two words', "'two words'"],
  ['$(reboot)', "'$(reboot)'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['two\nlines', String.raw`$'two\x0alines'`],
  ['\u202egnp', String.raw`$'\u202egnp'`],
  ["\u001b[31m'\\", String.raw`$'\x1b[31m\x27\\'`],
])('the word %j is pasted as %s', (word, pasted) => {
  expect(shellWord(word)).toBe(pasted);
});

test.each([
  ['host', 'ip link set eth0 up'],
  ['netns:red', 'ip netns exec red ip link set eth0 up'],
  ['netns:a;reboot', "ip netns exec 'a;reboot' ip link set eth0 up"],
  ['pid:42', 'nsenter --net --target 42 ip link set eth0 up'],
  [
    'container:web',
    `nsenter --net="$(docker inspect -f '{{.NetworkSettings.SandboxKey}}' web)" ip link set eth0 up`,
  ],
])('in %s it reads %s', (namespace, line) => {
  expect(
    commandLine({ kind: 'exec', host: 'machine', namespace, argv: ['ip', 'link', 'set', 'eth0', 'up'] }),
  ).toBe(line);
});

test('a container of an engine that is asked in other words is entered by the words of that engine', () => {
  expect(
    commandLine({
      ...{
        kind: 'exec',
        host: 'machine',
        namespace: 'docker@ann:web',
        argv: ['ip', 'link', 'set', 'eth0', 'up'],
      },
      client: ['docker', '--host', 'unix:///run/user/1001/docker.sock'],
    }),
  ).toBe(
    `nsenter --net --target "$(docker --host unix:///run/user/1001/docker.sock inspect -f '{{.State.Pid}}' web)" ip link set eth0 up`,
  );
});

const HOSTILE = [
  '$(echo run >&2)',
  '`echo run >&2`',
  ';echo run >&2;',
  "'; echo run >&2; '",
  "\u001b'; echo run >&2; #",
  '\n echo run >&2\n',
  '|echo run >&2',
  '"$(echo run >&2)"',
  '\\',
  "\\'\u009b2J\u202e",
  '!! *?[a] ~ {a,b} $HOME',
  '\u{e0041}tag',
];

test.each(HOSTILE)('bash takes %j back unchanged, and dash as one word that runs nothing', async (word) => {
  const script = `printf '%s;' ${shellWord(word)}`;
  const bash = await execa('bash', ['-c', script], { env: { LC_ALL: 'C.UTF-8' } });
  expect([bash.stdout, bash.stderr]).toEqual([`${word};`, '']);
  const dash = await execa('dash', ['-c', `set -- ${shellWord(word)}; printf %s $#`]);
  expect([dash.stdout, dash.stderr]).toEqual(['1', '']);
});
