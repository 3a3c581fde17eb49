import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Quiz } from '../../labs/session/protocol.ts';
import { icon } from '../shared/icon.ts';
import type { GuideWords } from './words.ts';

export interface QuizContext {
  readonly quiz: Quiz;
  /** Names the group of answers on this page. */
  readonly name: string;
  /** The answer last chosen; undefined before the first. */
  readonly chosen: number | undefined;
  readonly words: GuideWords;
  readonly choose: (answer: number) => void;
}

/** A question about what was just done: choosing an answer says at once whether it is right, and why. */
export const quizView = ({ quiz, name, chosen, words, choose }: QuizContext): TemplateResult => {
  const right = chosen === quiz.right;
  return html`<fieldset class="quiz">
    <legend><span class="muted">${words.quiz}</span> ${displayText(quiz.question)}</legend>
    ${quiz.answers.map(
      (answer, index) =>
        html`<label class="quiz-answer">
          <input
            type="radio"
            name=${name}
            .checked=${chosen === index}
            @change=${(): void => {
              choose(index);
            }}
          />
          <span class="wrap">${displayText(answer)}</span>
        </label>`,
    )}
    ${
      chosen === undefined
        ? nothing
        : html`<p class="row quiz-verdict">
            ${icon(right ? 'pass-filled' : 'error', right ? 'good' : 'bad')}
            <span class="grow wrap">
              <strong class=${right ? 'good' : 'bad'}>${right ? words.quizRight : words.quizWrong}</strong>
              ${right ? displayText(quiz.because) : nothing}
            </span>
          </p>`
    }
  </fieldset>`;
};
