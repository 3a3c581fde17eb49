import type { Language } from '../model/language.ts';
import { EVIDENCE } from './evidence.ts';
import { ENGINES, FACT_NOUNS, FACTS, SNAPSHOTS } from './facts.ts';
import { ICMP_NOUNS, PROBE } from './probe.ts';
import { QUESTION } from './question.ts';
import { RULESETS } from './rulesets.ts';
import { sayer, type Sayer, type Saying } from './saying.ts';
import { NEIGHBOURS, TUNNELS, WALK } from './walk.ts';

/** All sentences of the engine, for a tool that has more of its own. */
export const ENGINE_SAYINGS: readonly Saying[] = [
  FACTS,
  ENGINES,
  SNAPSHOTS,
  RULESETS,
  WALK,
  TUNNELS,
  NEIGHBOURS,
  PROBE,
  QUESTION,
  EVIDENCE,
].flat();

/** What may stand for `{what}` in them. */
export const ENGINE_NOUNS: Readonly<Record<string, string>> = { ...FACT_NOUNS, ...ICMP_NOUNS };

let inChinese: Sayer | null = null;

/**
 * Facts carry the reason why they could not be read as one English sentence, which a snapshot keeps and replays anywhere; so do
 * doubts of a walk, answers of the probe and errors of a question. Here such a sentence is said in another language: by its
 * saying, its names as they are. What has none came from the machine, and stays as it is.
 */
export function said(sentence: string, language: Language): string {
  switch (language) {
    case 'en':
      return sentence;
    case 'zh-cn':
      inChinese ??= sayer(ENGINE_SAYINGS, ENGINE_NOUNS);
      return inChinese(sentence) ?? sentence;
  }
}
