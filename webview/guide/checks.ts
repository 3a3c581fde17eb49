import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { CheckStatus, LabStatus } from '../../labs/session/protocol.ts';
import { icon } from '../shared/icon.ts';
import type { GuideWords } from './words.ts';

export type Question = NonNullable<CheckStatus['question']>;

const LOOKS: Readonly<Record<CheckStatus['state'], { readonly icon: string; readonly tone: string }>> = {
  pass: { icon: 'pass-filled', tone: 'good' },
  fail: { icon: 'circle-large-outline', tone: 'bad' },
  unknown: { icon: 'question', tone: 'doubt' },
};

export const whyButton = (
  question: Question | null,
  about: string,
  words: GuideWords,
  askWhy: (question: Question) => void,
): TemplateResult | typeof nothing =>
  question === null
    ? nothing
    : html`<button
        type="button"
        class="button secondary"
        aria-label=${words.whyAbout(about)}
        @click=${(): void => {
          askWhy(question);
        }}
      >
        ${icon('lightbulb')} ${words.why}
      </button>`;

export const checkView = (
  check: CheckStatus,
  words: GuideWords,
  askWhy: (question: Question) => void,
): TemplateResult => {
  const look = LOOKS[check.state];
  const title = displayText(check.title);
  return html`<li class="check ${check.state}">
    ${icon(look.icon, look.tone)}
    <div class="grow wrap">
      <p><strong class="check-state ${look.tone}">${words.check[check.state]}:</strong> ${title}</p>
      ${check.message === '' ? nothing : html`<p class="muted">${displayText(check.message)}</p>`}
    </div>
    ${check.state === 'fail' ? whyButton(check.question, title, words, askWhy) : nothing}
  </li>`;
};

/** What a screen reader should hear of a new status: the checks that turned, and steps that got done. */
export function changesToSay(before: LabStatus | null, after: LabStatus, words: GuideWords): string {
  if (before?.sandbox !== after.sandbox) return '';
  const said: string[] = [];
  after.steps.forEach((step, index) => {
    const old = before.steps[index];
    if (old?.id !== step.id) return;
    step.checks.forEach((check, at) => {
      const was = old.checks[at];
      if (was?.title === check.title && was.state !== check.state)
        said.push(`${words.check[check.state]}: ${displayText(check.title)}. ${displayText(check.message)}`);
    });
    if (step.done && !old.done) said.push(words.stepDone);
  });
  if (before.currentStep !== null && after.currentStep === null) said.push(words.finished);
  return said.join(' ');
}
