import type { Language } from '../diagnostics/model/language.ts';
import { ENGINE_NOUNS, ENGINE_SAYINGS } from '../diagnostics/sayings/sayings.ts';
import { sayer, type Sayer } from '../diagnostics/sayings/saying.ts';
import { HELP_OF_LABS } from './sayings/help-of-labs.ts';
import { HELP } from './sayings/help.ts';
import { LABS, SANDBOX } from './sayings/lab.ts';
import { USAGE } from './sayings/usage.ts';

let inChinese: Sayer | null = null;

/** What the engine, the labs and this tool say in one English sentence, in a person's language; else as it is. */
export function toolSaid(sentence: string, language: Language): string {
  switch (language) {
    case 'en':
      return sentence;
    case 'zh-cn':
      inChinese ??= sayer([USAGE, SANDBOX, LABS, HELP, HELP_OF_LABS, ENGINE_SAYINGS].flat(), ENGINE_NOUNS);
      return inChinese(sentence) ?? sentence;
  }
}
