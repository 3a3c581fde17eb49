import type { Localised } from '../../diagnostics/model/language.ts';

/** A request that cannot be done, in words for the learner. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: 'bad-request' | 'unknown' | 'failed' | 'busy';
  readonly text: Localised;

  constructor(code: Refusal['code'], en: string, zh: string) {
    super(en);
    this.code = code;
    this.text = { en, 'zh-cn': zh };
  }
}
