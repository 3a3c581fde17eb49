import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { FaultStatus, LabStatus } from '../../labs/session/protocol.ts';
import type { FromGuide } from '../messages.ts';
import { icon } from '../shared/icon.ts';
import { whyButton } from './checks.ts';
import type { CodeActions } from './code-block.ts';
import { hintsView } from './hints.ts';
import type { GuideWords } from './words.ts';

const LOOKS: Readonly<Record<FaultStatus['state'], { readonly icon: string; readonly tone: string }>> = {
  available: { icon: 'debug-disconnect', tone: 'muted' },
  active: { icon: 'error', tone: 'bad' },
  mended: { icon: 'pass-filled', tone: 'good' },
};

export interface FaultsContext {
  readonly status: LabStatus;
  readonly words: GuideWords;
  readonly actions: CodeActions;
  /** The guide's text about a fault, to be read once it is mended; may be empty. */
  readonly htmlOf: (fault: string) => string;
  readonly hintsOf: (fault: string) => readonly string[];
  readonly post: (message: FromGuide) => void;
}

const faultView = (fault: FaultStatus, ready: boolean, context: FaultsContext): TemplateResult => {
  const { words, actions, htmlOf, hintsOf, post } = context;
  const text = fault.state === 'mended' ? htmlOf(fault.id) : '';
  const look = LOOKS[fault.state];
  const title = displayText(fault.title);
  return html`<li class="check fault">
    ${icon(look.icon, look.tone)}
    <div class="grow wrap">
      <p><strong>${title}</strong> <span class=${look.tone}>– ${words.fault[fault.state]}</span></p>
      ${
        fault.state === 'active'
          ? html`<p class="muted">${words.symptom(displayText(fault.symptom))}</p>
              ${hintsView({ of: fault, hints: hintsOf(fault.id), words, actions, post })}`
          : nothing
      }
      ${
        text === ''
          ? nothing
          : html`<hoplab-text .html=${text} .words=${words} .actions=${actions}></hoplab-text>`
      }
    </div>
    ${
      fault.state === 'active'
        ? whyButton(fault.question, displayText(fault.symptom), words, (question) => {
            post({ type: 'ask-why', question });
          })
        : html`<button
            type="button"
            class="button secondary"
            aria-label=${words.breakThis(title)}
            ?disabled=${!ready}
            @click=${(): void => {
              post({ type: 'break', fault: fault.id });
            }}
          >
            ${icon('debug-disconnect')} ${words.breakIt}
          </button>`
    }
  </li>`;
};

/** Faults to find, once the network works. */
export const faultsView = (context: FaultsContext): TemplateResult | typeof nothing => {
  const { status, words } = context;
  if (status.faults.length === 0) return nothing;
  const ready = status.currentStep === null || status.faults.some(({ state }) => state !== 'available');
  return html`<section class="faults" aria-labelledby="faults">
    <h2 id="faults">${words.faults}</h2>
    <p class="muted">${ready ? words.faultsIntro : words.faultsLater}</p>
    <ul>
      ${status.faults.map((fault) => faultView(fault, ready, context))}
    </ul>
  </section>`;
};
