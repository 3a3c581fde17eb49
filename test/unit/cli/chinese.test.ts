import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../cli/commands.ts';
import { toolSaid } from '../../../cli/sayings.ts';
import { hoplab } from '../../support/command-line.ts';
import { englishWord } from '../../support/english.ts';
import { shownSentences } from '../../support/shown-sentences.ts';

const CHINESE = { HOPLAB_LANGUAGE: 'zh-cn' };

/** Not for a person: what a program that speaks the session's protocol wrongly is told. */
const PROTOCOL = /^labs\/session\/(request-schema|socket-server)\.ts/;

/** Why something was aborted: caught, and told as “stopped”. */
const ABORTED = /^(stopped by name-\d+|nobody reads the output)$/;

describe('every sentence of the command line and the labs that a person can come to see', () => {
  const sentences = shownSentences(['diagnostics/model', 'cli', 'labs/sandbox', 'labs/session']).filter(
    ({ place, text }) => !PROTOCOL.test(place) && !ABORTED.test(text),
  );

  test.each(sentences)('$place has a Chinese form: $text', ({ text, samples }) => {
    const chinese = toolSaid(text, 'zh-cn');
    expect(chinese).toMatch(/\p{Script=Han}/u);
    for (const sample of samples) expect(chinese).toContain(sample);
    expect(englishWord(withoutNames(chinese)), chinese).toBeNull();
  });
});

// The first to name an unknown command loads them all, which a busy machine takes its time for.
describe('who used it wrongly is told in Chinese', () => {
  test.each([
    ['no such command', ['wyh']],
    ['no such command of labs', ['lab', 'strat']],
    ['no such option', ['why', '--jsn', 'a', 'b']],
    ['no argument', ['why']],
    ['one argument only', ['why', 'host']],
    ['too many arguments', ['why', 'a', 'b', 'c']],
    ['an option without its argument', ['why', 'a', 'b', '--port']],
    ['an option that has to be given', ['snapshot']],
    ['a value that is none of the choices', ['why', 'a', 'b', '--proto', 'sctp']],
    ['two formats', ['why', 'host', 'host', '--json', '--markdown']],
    ['no port', ['why', 'host', 'host', '--port', '0']],
    ['no language', ['doctor', '--lang', 'tlh']],
    ['no file', ['why', 'a', 'b', '--from-snapshot', '/nonexistent']],
    ['no lab', ['lab', 'start', 'nothing-like-it']],
    ['no lab that runs', ['lab', 'status']],
    ['what only a sandbox runs', ['session']],
  ])('%s', async (_name, argv) => {
    const { stdout, stderr } = await hoplab(argv, { env: CHINESE });
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^hoplab: [^\n]*\p{Script=Han}/u);
    expect(englishWord(withoutNames(stderr)), stderr).toBeNull();
  });

  test('also where --lang alone says so', async () => {
    const { stderr } = await hoplab(['why', '--lang', 'zh-cn']);
    expect(stderr).toBe('hoplab: 缺少参数“from”\n');
  });
});

describe('the help is in Chinese', () => {
  const commands = COMMANDS.map(({ name }) => name).filter((name) => name !== 'session' && name !== 'guard');
  const ofLabs = ['list', 'start', 'check', 'break', 'test'].map((name) => ['lab', name]);

  test.each([[[]], ...[...commands.map((name) => [name]), ...ofLabs].map((argv) => [argv])])(
    'of hoplab %j',
    async (argv) => {
      const { stdout } = await hoplab([...argv, '--help'], { env: CHINESE });
      expect(stdout).toContain('用法：');
      expect(stdout).toContain(argv[0] === 'lab' && argv.length > 1 ? '示例：' : '退出状态：');
      expect(englishWord(withoutNames(stdout)), stdout).toBeNull();
    },
  );
});

/** Commands, options and paths are the same in every language. */
function withoutNames(text: string): string {
  return text
    .replace(/“[^”]*”|`[^`]*`|\[[^\]]*\]|^ {2}(?:from|to)\b/gm, '')
    .replace(/hoplab [^\n\p{Script=Han}]*/gu, '')
    .replace(/docker context|--[\w-]+/g, '');
}
