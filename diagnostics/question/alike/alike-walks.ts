import type { PairAnswer, Rename } from '../matrix-pair.ts';
import type { AlikeEnd } from './alike-ends.ts';

/** Answers of pairs that were walked, for all pairs of ends that are like theirs. */
export interface AlikeWalks {
  /** Null: no such pair was walked, or its answer is not to be said of others. */
  answer(from: number, to: number, question: number): PairAnswer | null;
  note(from: number, to: number, question: number, answer: PairAnswer): void;
}

interface Walked {
  readonly from: AlikeEnd;
  readonly to: AlikeEnd;
  readonly pattern: RegExp;
  readonly answers: Map<number, PairAnswer>;
}

/** A memory for one matrix; `from` and `to` count in `ends`, `question` is the port's place among those asked. */
export function alikeWalks(ends: readonly AlikeEnd[]): AlikeWalks {
  const walked = new Map<string, Walked>();
  const pair = (from: number, to: number) => {
    const [one, other] = [ends[from], ends[to]];
    return one && other ? { one, other, key: `${one.kind} ${other.kind}` } : null;
  };
  return {
    answer(from, to, question) {
      const asked = pair(from, to);
      const like = asked && walked.get(asked.key);
      const answer = like?.answers.get(question);
      if (!asked || !like || !answer) return null;
      return answer.alike(renaming(like, asked.one, asked.other));
    },
    note(from, to, question, answer) {
      const asked = pair(from, to);
      if (!asked) return;
      let like = walked.get(asked.key);
      if (!like) {
        like = {
          from: asked.one,
          to: asked.other,
          pattern: patternOf(asked.one, asked.other),
          answers: new Map(),
        };
        walked.set(asked.key, like);
      }
      // Only of the pair that was walked first are the words known.
      if (like.from === asked.one && like.to === asked.other) like.answers.set(question, answer);
    },
  };
}

/** Their words, where they stand as words: `10.0.0.1`, not a part of `10.0.0.12`. */
const patternOf = (one: AlikeEnd, other: AlikeEnd): RegExp => {
  const words = [...new Set([...one.words, ...other.words])].sort((a, b) => b.length - a.length);
  const patterns = words.map((word) => {
    const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    // A port may follow a colon, but not in the address of IPv6 itself.
    const colon = word.includes(':') ? ':' : '';
    return `(?<![\\w.${colon}-])${escaped}(?![\\w${colon}-]|\\.\\w)`;
  });
  return new RegExp(patterns.join('|') || '(?!)', 'g');
};

function renaming({ from, to, pattern }: Walked, one: AlikeEnd, other: AlikeEnd): Rename {
  const words = new Map<string, string>();
  from.words.forEach((word, at) => words.set(word, one.words[at] ?? word));
  to.words.forEach((word, at) => words.set(word, other.words[at] ?? word));
  return (text) => words.get(text) ?? text.replace(pattern, (word) => words.get(word) ?? word);
}
