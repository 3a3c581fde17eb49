/**
 * One sentence, written in English and in Chinese; `{name}` stands for what both hold. What stands for `{what}` is a noun, for
 * `{why}` a sentence of its own or several of them; all else (names, addresses, commands) stays as it is.
 */
export type Saying = readonly [english: string, chinese: string];

/** A sentence in Chinese; null where no saying is like it. */
export type Sayer = (sentence: string) => string | null;

const HOLE = /\{(\w+)\}/;
const HOLES = new RegExp(HOLE, 'g');

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Of two sayings that fit, the one that says more by itself is meant. */
const lengthOf = ([english]: Saying): number => english.replace(HOLES, '').length;

/**
 * Reads sentences by these sayings; `nouns` are what may stand for `{what}`. A sentence inside of another that no saying is like
 * stays as it is: it came from the machine.
 */
export function sayer(sayings: readonly Saying[], nouns: Readonly<Record<string, string>> = {}): Sayer {
  const compiled = [...sayings]
    .sort((one, other) => lengthOf(other) - lengthOf(one))
    .map(([english, chinese]) => {
      const pieces = english.split(HOLE);
      const names = pieces.filter((_, index) => index % 2 === 1);
      const pattern = pieces.map((piece, index) => (index % 2 === 1 ? '(.*?)' : literally(piece))).join('');
      return { names, chinese, pattern: new RegExp(`^${pattern}$`, 's') };
    });
  const one: Sayer = (sentence) => {
    if (Object.hasOwn(nouns, sentence)) return nouns[sentence] ?? null;
    for (const { names, chinese, pattern } of compiled) {
      const found = pattern.exec(sentence);
      if (!found) continue;
      return chinese.replace(HOLES, (hole, name: string) => {
        const value = found[names.indexOf(name) + 1];
        if (value === undefined) return hole;
        return name === 'what' || name === 'why' ? (say(value) ?? value) : value;
      });
    }
    return null;
  };
  const say: Sayer = (sentence) => one(sentence) ?? each(sentence, one);
  return say;
}

/** Sentences one after another, each perhaps with the address of who said it: `10.0.0.1: No answer came.; 10.0.0.2: REFUSED`. */
function each(sentences: string, say: Sayer): string | null {
  const parts = sentences.split('; ').map((part) => {
    const own = say(part);
    const [, who = '', what = ''] = /^([\w.:%-]+): (.*)$/s.exec(part) ?? [];
    const words = own === null && who !== '' ? say(what) : null;
    return { part, said: own ?? (words === null ? null : `${who}：${words}`) };
  });
  if (parts.every(({ said }) => said === null)) return null;
  return parts.map(({ part, said }) => (said ?? part).replace(/[.。]$/, '')).join('；');
}
