import type { Words } from '../shared/language.ts';
import { english } from './words-en.ts';
import { chinese } from './words-zh-cn.ts';
import type { TraceWords } from './words.ts';

export const TRACE_WORDS: Words<TraceWords> = { en: english, 'zh-cn': chinese };
