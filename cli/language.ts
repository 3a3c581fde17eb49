import type { Language } from '../diagnostics/model/language.ts';

/** HOPLAB_LANGUAGE, else what the locale says; English where neither is a language we speak. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const said = env['HOPLAB_LANGUAGE'] || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^zh([-_](cn|hans|sg)|$|\.)/i.test(said) ? 'zh-cn' : 'en';
}

/** The language of one run of `hoplab`: `--lang` where a command was given one that we speak, else the environment's. */
export function languageOfRun(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const wanted = (
    argv[at]?.startsWith('--lang=') ? argv[at].slice('--lang='.length) : argv[at + 1]
  )?.toLowerCase();
  return at >= 0 && (wanted === 'en' || wanted === 'zh-cn') ? wanted : languageOf(env);
}
