import { displayText } from '../model/display-text.ts';
import type { Cause } from '../model/diagnosis.ts';
import type { Language } from '../model/language.ts';
import type { CauseKind } from './cause.ts';
import { CAUSES } from './registry.ts';

/** A cause in a person's language, made of its `params` alone; safe to show. Unknown ids say their id. */
export function renderCause(
  { id, params }: Pick<Cause, 'id' | 'params'>,
  language: Language,
): { readonly summary: string; readonly explanation: string } {
  const kind = CAUSES.find((cause) => cause.id === id);
  if (!kind) return { summary: displayText(id), explanation: '' };
  const text = kind.text[language];
  // A cause that comes from another says it in that one's words.
  const { because } = params;
  const inner =
    typeof because === 'string'
      ? renderCause({ id: because, params: { ...params, because: null } }, language)
      : null;
  const shown = (name: string): string => {
    if (name === 'because:summary') return inner?.summary ?? '';
    if (name === 'because:explanation') return inner?.explanation ?? '';
    const value = params[name];
    if (value === undefined || value === null) return '';
    return displayText(language === 'en' ? String(value) : withChineseCommas(name, String(value), kind));
  };
  return { summary: text.summary(shown), explanation: text.explanation(shown) };
}

/** `also`: rules, which may hold commas themselves, each in quotation marks. */
const withChineseCommas = (name: string, value: string, { lists = [] }: CauseKind): string =>
  name === 'also'
    ? value.replaceAll('”, “', '”、“')
    : lists.includes(name)
      ? value.replaceAll(', ', '、')
      : value;
