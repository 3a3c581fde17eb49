import { html, nothing, type TemplateResult } from 'lit';
import type { FromGuide } from '../messages.ts';
import { icon } from '../shared/icon.ts';
import type { CodeActions } from './code-block.ts';
import type { GuideWords } from './words.ts';

export interface HintsContext {
  /** The step or fault that they help with. */
  readonly of: { readonly id: string; readonly hintsShown: number; readonly hintsTotal: number };
  /** HTML of those given so far. */
  readonly hints: readonly string[];
  readonly words: GuideWords;
  readonly actions: CodeActions;
  readonly post: (message: FromGuide) => void;
}

/** The hints that were given, and a way to the next. */
export const hintsView = ({
  of,
  hints,
  words,
  actions,
  post,
}: HintsContext): TemplateResult | typeof nothing => {
  if (of.hintsTotal === 0) return nothing;
  const shown = Math.max(hints.length, of.hintsShown);
  return html`<section class="hints">
    ${hints.map(
      (hint, index) =>
        html`<div class="message">
          ${icon('lightbulb')}
          <div class="grow">
            <h4>${words.hint(index + 1)}</h4>
            <hoplab-text .html=${hint} .words=${words} .actions=${actions}></hoplab-text>
          </div>
        </div>`,
    )}
    ${
      shown >= of.hintsTotal
        ? html`<p class="muted">${words.noMoreHints}</p>`
        : html`<button
            type="button"
            class="button secondary"
            @click=${(): void => {
              post({ type: 'hint', step: of.id });
            }}
          >
            ${icon('lightbulb')} ${words.askHint(shown, of.hintsTotal)}
          </button>`
    }
  </section>`;
};
