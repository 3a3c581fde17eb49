import type { Language } from '../diagnostics/model/language.ts';

/** HOPLAB_LANGUAGE, else what the locale says; English where neither is a language we speak. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const said = env['HOPLAB_LANGUAGE'] || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^zh([-_](cn|hans|sg)|$|\.)/i.test(said) ? 'zh-cn' : 'en';
}
