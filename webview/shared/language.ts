import type { Language } from '../messages.ts';

/** The page's language, for the choice of glyphs and voice. */
export const setPageLanguage = (language: Language): void => {
  document.documentElement.lang = language === 'zh-cn' ? 'zh-CN' : 'en';
};

/** A table of words that has every language, by type. */
export type Words<T> = Readonly<Record<Language, T>>;
