import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { LabStatus } from '../../labs/session/protocol.ts';
import type { FromGuide } from '../messages.ts';
import { icon } from '../shared/icon.ts';
import type { GuideWords } from './words.ts';

/** What the lab is, how far the learner is, and the terminals of its nodes. */
export const headerView = (
  status: LabStatus,
  words: GuideWords,
  post: (message: FromGuide) => void,
): TemplateResult => {
  const done = status.steps.filter((step) => step.done).length;
  return html`<header>
    <h1 class="wrap">${displayText(status.lab.title)}</h1>
    <p class="muted wrap">${displayText(status.lab.summary)}</p>
    <p class="row progress-line">
      <progress
        max=${Math.max(status.steps.length, 1)}
        value=${done}
        aria-label=${words.progress(done, status.steps.length)}
      ></progress>
      <span>${words.progress(done, status.steps.length)}</span>
      <span class="muted">${icon('watch')} ${words.minutes(status.lab.minutes)}</span>
    </p>
    ${status.state === 'starting' ? html`<p>${words.starting}</p>` : nothing}
    <div class="row terminals" role="group" aria-label=${words.terminals}>
      ${status.nodes.map(
        ({ name }) =>
          html`<button
            type="button"
            class="button secondary"
            aria-label=${words.openTerminal(displayText(name))}
            title=${words.openTerminal(displayText(name))}
            @click=${(): void => {
              post({ type: 'open-terminal', node: name });
            }}
          >
            ${icon('terminal')} ${displayText(name)}
          </button>`,
      )}
    </div>
  </header>`;
};
