import { describe, expect, test } from 'vitest';
import { hoplab } from '../../support/command-line.ts';

describe('hoplab, used wrongly, says one line on stderr and exits with 64', () => {
  test.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['--frobnicate']],
    ['a command full of terminal controls', ['\u001b[2J\u0007']],
    ['an empty command', ['']],
    ['an unknown command of lab', ['lab', 'strat']],
    ['an unknown command to help with', ['help', 'frobnicate']],
    ['too few arguments', ['why', 'host']],
    ['too many arguments', ['why', 'host', '10.0.0.2', '80']],
    ['a huge port', ['why', 'host', '10.0.0.2', '--port', '99999999999999999999']],
    ['a name with a line break as FROM', ['why', 'netns:a\nb', 'host']],
    ['no name of a file', ['why', 'host', 'host', '--from-snapshot', '']],
    ['a directory as a snapshot', ['why', 'host', 'host', '--from-snapshot', '/']],
    ['two formats', ['why', 'host', 'host', '--json', '--markdown']],
    ['an unknown language', ['doctor', '--lang', 'tlh']],
    ['a directory to write to', ['snapshot', '--output', '/']],
    ['a directory that holds no lab', ['lab', 'start', '/nonexistent/lab']],
    ['what only a sandbox runs', ['session']],
  ])('%s', async (_name, argv) => {
    const { status, stdout, stderr } = await hoplab(argv);
    expect(status).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^hoplab: [^\n]+\n$/);
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('but says which version it is', async () => {
    expect(await hoplab(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  test('a near miss is pointed out, and the help that says how it is right', async () => {
    expect((await hoplab(['wyh'])).stderr).toBe(
      "hoplab: unknown command 'wyh' (Did you mean why?); see hoplab --help\n",
    );
    expect((await hoplab(['lab', 'strat'])).stderr).toBe(
      "hoplab: unknown command 'strat' (Did you mean start?); see hoplab lab --help\n",
    );
    expect((await hoplab(['why', 'a', 'b', '--prob'])).stderr).toMatch(
      /Did you mean .*; see hoplab why --help/,
    );
  });

  test('a command that only holds others: its help, and 64', async () => {
    const { status, stdout, stderr } = await hoplab(['lab']);
    expect({ status, stderr }).toEqual({ status: 64, stderr: '' });
    expect(stdout).toContain('Usage: hoplab lab');
  });

  test('nothing at all: the help, and 64', async () => {
    const { status, stdout } = await hoplab([]);
    expect(status).toBe(64);
    expect(stdout).toContain('Usage: hoplab');
  });
});

test('--help exits with 0', async () => {
  const { status, stdout } = await hoplab(['--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: hoplab');
});

describe('--help says what a command does, with examples and exit statuses', () => {
  test.each([[[]], [['why']], [['map']], [['matrix']], [['snapshot']], [['demo']], [['doctor']], [['lab']]])(
    'hoplab %j',
    async (command) => {
      const { status, stdout } = await hoplab([...command, '--help']);
      expect(status).toBe(0);
      expect(stdout).toContain(`\nExamples:\n  `);
      expect(stdout).toMatch(/\nExit status: 0 .*64 wrong usage/s);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    },
  );

  test('what a command tells in sentences fits a narrow terminal', async () => {
    const { stdout } = await hoplab(['matrix', '--help'], { columns: 60 });
    const sentences = stdout.split('\n').filter((line) => /^[A-Z]\w+ /.test(line));
    expect(sentences.some((line) => line.startsWith('Nothing is sent'))).toBe(true);
    expect(Math.max(...sentences.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test.each([
    'list',
    'start',
    'status',
    'check',
    'guide',
    'hint',
    'solve',
    'break',
    'reset',
    'shell',
    'stop',
    'test',
  ])('hoplab lab %s: an example too', async (command) => {
    const { stdout } = await hoplab(['lab', command, '--help']);
    expect(stdout).toContain(`\nExamples:\n  hoplab lab ${command}`);
  });
});
