import type { Localised } from '../../../diagnostics/model/language.ts';

/** What became of a check; `message` says what is not so yet, and is empty where it passes. */
export interface CheckOutcome {
  readonly state: 'pass' | 'fail' | 'unknown';
  readonly message: Localised;
}

const NOTHING: Localised = { en: '', 'zh-cn': '' };

export const PASS: CheckOutcome = { state: 'pass', message: NOTHING };

export const fail = (en: string, zh: string): CheckOutcome => ({
  state: 'fail',
  message: { en, 'zh-cn': zh },
});

/** The answer could not be had. */
export const unknown = (en: string, zh: string): CheckOutcome => ({
  state: 'unknown',
  message: { en, 'zh-cn': zh },
});

/** The opposite of what was found: for `not: true`. */
export function inverted(outcome: CheckOutcome): CheckOutcome {
  switch (outcome.state) {
    case 'pass':
      return fail('This is still so.', '现在仍然是这样。');
    case 'fail':
      return PASS;
    case 'unknown':
      return outcome;
  }
}
