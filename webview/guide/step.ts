import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Quiz, StepStatus } from '../../labs/session/protocol.ts';
import type { FromGuide } from '../messages.ts';
import { icon } from '../shared/icon.ts';
import { checkView } from './checks.ts';
import type { CodeActions } from './code-block.ts';
import { hintsView } from './hints.ts';
import type { SolutionCommand } from './kept.ts';
import { quizView } from './quiz.ts';
import type { GuideWords } from './words.ts';

/** Everything one step's view needs. */
export interface StepContext {
  readonly step: StepStatus;
  readonly number: number;
  readonly html: string;
  readonly hints: readonly string[];
  readonly quizzes: readonly Quiz[];
  /** The answer last chosen, by the question's text. */
  readonly answers: Readonly<Record<string, number>>;
  readonly solution: readonly SolutionCommand[] | null;
  readonly expanded: boolean;
  readonly current: boolean;
  readonly checking: boolean;
  /** The solution's warning is open. */
  readonly warning: boolean;
  readonly hasNext: boolean;
  readonly words: GuideWords;
  readonly actions: CodeActions;
  readonly post: (message: FromGuide) => void;
  readonly toggle: () => void;
  readonly warn: (open: boolean) => void;
  readonly next: () => void;
  readonly choose: (quiz: Quiz, answer: number) => void;
}

const solutionView = (context: StepContext): TemplateResult => {
  const { step, solution, warning, words, actions, post, warn } = context;
  const show = (): void => {
    warn(false);
    post({ type: 'solution', step: step.id });
  };
  if (solution)
    return html`<section class="solution">
      <h4>${words.solution}</h4>
      ${solution.map(
        ({ node, text }) =>
          html`<hoplab-code
            .text=${text}
            .node=${node}
            .runnable=${true}
            .words=${words}
            .actions=${actions}
          ></hoplab-code>`,
      )}
    </section>`;
  if (!warning)
    return html`<button
      type="button"
      class="link-button"
      @click=${
        step.solutionShown
          ? show
          : (): void => {
              warn(true);
            }
      }
    >
      ${words.showSolution}
    </button>`;
  return html`<div class="message doubt-message" role="group" aria-label=${words.showSolution}>
    ${icon('warning', 'doubt')}
    <div class="grow">
      <p>${words.solutionWarning}</p>
      <p class="row warning-buttons">
        <button type="button" class="button secondary show-anyway" @click=${show}>${words.showAnyway}</button>
        <button
          type="button"
          class="button secondary"
          @click=${(): void => {
            warn(false);
          }}
        >
          ${words.cancel}
        </button>
      </p>
    </div>
  </div>`;
};

const checksView = ({ step, checking, words, post }: StepContext): TemplateResult | typeof nothing =>
  step.checks.length === 0
    ? nothing
    : html`<section class="checks">
        <div class="row checks-title">
          <h3>${words.checks}</h3>
          <button
            type="button"
            class="link-button"
            ?disabled=${checking}
            @click=${(): void => {
              post({ type: 'check' });
            }}
          >
            ${checking ? words.checking : words.checkNow}
          </button>
        </div>
        <ul>
          ${step.checks.map((check) =>
            checkView(check, words, (question) => {
              post({ type: 'ask-why', question });
            }),
          )}
        </ul>
        ${step.done ? html`<p class="row step-done">${icon('check', 'good')} ${words.stepDone}</p>` : nothing}
      </section>`;

/** Asked once the step is done: before, an answer would be a hint. */
const quizzesView = ({
  step,
  quizzes,
  answers,
  words,
  choose,
}: StepContext): TemplateResult | typeof nothing =>
  step.done && quizzes.length > 0
    ? html`${quizzes.map((quiz, index) =>
        quizView({
          quiz,
          name: `${step.id}-${index}`,
          chosen: answers[quiz.question],
          words,
          choose: (answer) => {
            choose(quiz, answer);
          },
        }),
      )}`
    : nothing;

/** One step: its heading always, and while it is open its text, checks, hints and solution. */
export const stepView = (context: StepContext): TemplateResult => {
  const { step, number, expanded, current, words, actions, post, toggle, hasNext, next } = context;
  const panel = `step-${number}`;
  return html`<li class="lab-step ${expanded ? 'expanded' : ''} ${current ? 'current' : ''}">
    <h2>
      <button
        type="button"
        class="step-title"
        aria-expanded=${expanded}
        aria-controls=${panel}
        @click=${toggle}
      >
        ${icon(step.done ? 'pass-filled' : current ? 'circle-large-filled' : 'circle-large-outline', step.done ? 'good' : 'muted')}
        <span class="grow wrap">${words.step(number, displayText(step.title))}</span>
        ${current ? html`<span class="badge">${words.current}</span>` : nothing}
        <span class="visually-hidden">${step.done ? words.done : words.open}</span>
        ${icon(expanded ? 'chevron-up' : 'chevron-down', 'muted')}
      </button>
    </h2>
    <div id=${panel} class="step-body" ?hidden=${!expanded}>
      ${
        expanded
          ? html`<hoplab-text .html=${context.html} .words=${words} .actions=${actions}></hoplab-text>
              ${checksView(context)} ${quizzesView(context)}
              ${
                step.done && hasNext
                  ? html`<button type="button" class="button next-step" @click=${next}>
                      ${words.nextStep} ${icon('arrow-right')}
                    </button>`
                  : nothing
              }
              ${hintsView({ of: step, hints: context.hints, words, actions, post })}
              <div class="row step-foot">
                ${solutionView(context)}
                <button
                  type="button"
                  class="link-button reset-step"
                  @click=${(): void => {
                    post({ type: 'reset', step: step.id });
                  }}
                >
                  ${words.resetStep}
                </button>
              </div>`
          : nothing
      }
    </div>
  </li>`;
};
