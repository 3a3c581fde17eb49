import type { Language } from '../model/language.ts';
import { EVIDENCE } from './sayings/evidence.ts';
import { ENGINES, FACT_NOUNS, FACTS, SNAPSHOTS } from './sayings/facts.ts';
import { PROBE } from './sayings/probe.ts';
import { QUESTION } from './sayings/question.ts';
import { RULESETS } from './sayings/rulesets.ts';
import { sayer } from './sayings/saying.ts';
import { NEIGHBOURS, TUNNELS, WALK } from './sayings/walk.ts';

const inChinese = sayer(
  [FACTS, ENGINES, SNAPSHOTS, RULESETS, WALK, TUNNELS, NEIGHBOURS, PROBE, QUESTION, EVIDENCE].flat(),
  FACT_NOUNS,
);

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
      return inChinese(sentence) ?? sentence;
  }
}
