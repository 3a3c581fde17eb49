import { describe, expect, test } from 'vitest';
import { hoplab } from '../../support/command-line.ts';

describe('hoplab, used wrongly, says one line on stderr and exits with 64', () => {
  test.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['--frobnicate']],
    ['a command full of terminal controls', ['\u001b[2J\u0007']],
  ])('%s', async (_name, argv) => {
    const { status, stdout, stderr } = await hoplab(argv);
    expect(status).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^hoplab: [^\n]+\n$/);
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
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
