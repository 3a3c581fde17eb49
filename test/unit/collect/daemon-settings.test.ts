import { expect, test } from 'vitest';
import { settingsOf } from '../../../diagnostics/collect/docker/daemon-settings.ts';

test.each([
  ['nothing', [], '', undefined],
  ['rules are on, as they are anyway', ['--iptables=true'], '{"iptables": true}', undefined],
  ['a flag that is on by its name alone', ['--iptables', '--debug'], '', undefined],
  ['no rules, by the command line', ['--debug', '--iptables=false'], '', { iptables: false }],
  ['no rules, by the file', [], '{"iptables": false, "ip6tables": true}', { iptables: false }],
  [
    'servers, written in both ways',
    ['--dns', '10.0.0.1', '--dns=10.0.0.2'],
    '',
    { nameServers: ['10.0.0.1', '10.0.0.2'] },
  ],
  ['servers of the file', ['-H', 'fd://'], '{"dns": ["10.0.0.3"]}', { nameServers: ['10.0.0.3'] }],
  ['a file that is none', ['--dns=10.0.0.1'], '{"dns": [', { nameServers: ['10.0.0.1'] }],
])('what a dockerd was told: %s', (_what, argv, file, expected) => {
  expect(settingsOf(argv, file)).toEqual(expected);
});
