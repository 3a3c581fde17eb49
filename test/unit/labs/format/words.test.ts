import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWords, splitWords } from '../../../../labs/format/words.ts';

describe('a command in a lab file', () => {
  it.each<[string, readonly string[] | null]>([
    ['ip route add default via 10.0.1.1', ['ip', 'route', 'add', 'default', 'via', '10.0.1.1']],
    [`sh -c 'echo a b'  "c d" e\\ f ""`, ['sh', '-c', 'echo a b', 'c d', 'e f', '']],
    ['echo $HOME | cat > /etc/x', ['echo', '$HOME', '|', 'cat', '>', '/etc/x']],
    [`echo 'open`, null],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  it('is read back from its words, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words);
      }),
    );
  });
});
