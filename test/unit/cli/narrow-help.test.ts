import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../../diagnostics/report/width.ts';
import { hoplab } from '../../support/command-line.ts';

const COMMANDS = [[], ['why'], ['map'], ['matrix'], ['snapshot'], ['doctor'], ['demo'], ['lab', 'hint']];

/** What a person types is shown on one line, to be copied: options, ends of a question, and examples. */
const isTyped = (line: string): boolean => /^ {2}\S/.test(line);

describe.each(['en', 'zh-cn'])('the help on a narrow terminal (%s)', (language) => {
  test.each([20, 40])('of %d columns: no text goes beyond it', async (columns) => {
    for (const command of COMMANDS) {
      const { stdout } = await hoplab([...command, '--help'], {
        columns,
        env: { HOPLAB_LANGUAGE: language },
      });
      const beyond = stdout
        .split('\n')
        .filter((line) => columnsOf(line) > columns && !isTyped(line) && /\S\s+\S/.test(line));
      expect(beyond, command.join(' ')).toEqual([]);
    }
  });
});

test('what is said of an option stands below it where beside it there is no room', async () => {
  const { stdout } = await hoplab(['why', '--help'], { columns: 40 });
  expect(stdout).toContain('  --port <n>\n      the port of TO\n');
  const { stdout: wide } = await hoplab(['why', '--help'], { columns: 100 });
  expect(wide).toContain('  --port <n>              the port of TO\n');
});
