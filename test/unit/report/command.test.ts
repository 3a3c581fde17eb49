import { expect, test } from 'vitest';
import { commandLine, shellWord } from '../../../diagnostics/report/command.ts';

test.each([
  ['plain', 'plain'],
  ['10.0.0.0/24', '10.0.0.0/24'],
  ['two words', "'two words'"],
  ['$(reboot)', "'$(reboot)'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
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
