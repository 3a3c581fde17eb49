import { html, nothing, type TemplateResult } from 'lit';
import type { Cause, Fix, FixStep } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { HostId } from '../../diagnostics/model/ids.ts';
import { shellWord } from '../../diagnostics/model/shell-word.ts';
import { commandLine } from '../../diagnostics/report/command.ts';
import { icon } from '../shared/icon.ts';
import type { DiagnosisWords } from './words.ts';

/** What a cause's card can do, and how it speaks. */
export interface CauseContext {
  readonly words: DiagnosisWords;
  readonly canApply: boolean;
  /** Something is under way: nothing else can be started. */
  readonly busy: boolean;
  readonly copy: (text: string) => void;
  readonly apply: (fix: number) => void;
}

const CERTAINTY_ICONS: Readonly<Record<Cause['certainty'], string>> = {
  certain: 'verified-filled',
  likely: 'thumbsup',
  possible: 'question',
};

/** Line breaks of the text are kept, everything else that could act is shown. */
const lines = (text: string): readonly TemplateResult[] =>
  text.split('\n').map((line) => html`<div>${displayText(line)}</div>`);

/** The machine itself goes without saying. */
const otherHost = (host: HostId): string | null => (host === 'machine' ? null : displayText(host));

/** On the machine itself with the way into the namespace; in a lab host as it is typed in that node's own terminal. */
const lineOf = (step: FixStep): string =>
  step.host === 'machine' ? commandLine(step) : step.argv.map(shellWord).join(' ');

const stepView = (step: FixStep, { words, copy }: CauseContext): TemplateResult => {
  const line = lineOf(step);
  const namespace = step.namespace === null ? null : displayText(step.namespace);
  return html`<li>
    <p class="runs-in muted wrap">${words.runsIn(namespace, otherHost(step.host))}</p>
    <div class="command">
      <code>${displayText(line)}</code>
      <hoplab-copy
        .label=${words.copy}
        .doneLabel=${words.copied}
        .copy=${(): void => {
          copy(line);
        }}
      ></hoplab-copy>
    </div>
  </li>`;
};

const provenBadge = (fix: Fix, words: DiagnosisWords): TemplateResult =>
  fix.proven
    ? html`<span class="badge" title=${words.provenTitle}>${icon('verified')}${words.proven}</span>`
    : html`<span class="badge" title=${words.notProvenTitle}>${icon('question')}${words.notProven}</span>`;

const changesOthers = ({ otherFlows }: Fix): boolean =>
  otherFlows !== undefined && otherFlows.opens.length + otherFlows.closes.length > 0;

const effectsView = (
  sign: 'warning' | 'check',
  title: string,
  effects: readonly string[],
): TemplateResult | typeof nothing =>
  effects.length === 0
    ? nothing
    : html`<div class="side-effects">
        ${icon(sign, sign === 'warning' ? 'doubt' : 'good')}
        <div>
          <p>${title}</p>
          <ul class="bullets">
            ${effects.map((effect) => html`<li class="wrap">${displayText(effect)}</li>`)}
          </ul>
        </div>
      </div>`;

const fixView = (fix: Fix, index: number, context: CauseContext): TemplateResult => {
  const { words, canApply, busy, apply } = context;
  const title = displayText(fix.title);
  return html`<section class="fix">
    <div class="row fix-title">
      <h4 class="wrap"><span class="muted">${index === 0 ? words.fix : words.otherFix}:</span> ${title}</h4>
      ${provenBadge(fix, words)}
    </div>
    <ol class="steps">
      ${fix.steps.map((step) => stepView(step, context))}
    </ol>
    ${effectsView('warning', words.sideEffects, fix.sideEffects)}
    ${effectsView(changesOthers(fix) ? 'warning' : 'check', words.otherFlows, fix.otherFlows?.text ?? [])}
    ${
      canApply
        ? html`<div class="row">
            <button
              type="button"
              class="button ${index === 0 ? '' : 'secondary'}"
              aria-label=${words.applyTitle(title)}
              ?disabled=${busy}
              @click=${(): void => {
                apply(index);
              }}
            >
              ${icon('tools')} ${words.apply}
            </button>
          </div>`
        : nothing
    }
    ${
      fix.permanent === null
        ? nothing
        : html`<details>
            <summary><span class="twisty"></span>${words.permanent}</summary>
            <div class="inside wrap">${lines(fix.permanent)}</div>
          </details>`
    }
    ${
      fix.undo.length === 0
        ? nothing
        : html`<details>
            <summary><span class="twisty"></span>${words.howToUndo}</summary>
            <ol class="inside steps">
              ${fix.undo.map((step) => stepView(step, context))}
            </ol>
          </details>`
    }
  </section>`;
};

/** One cause: what is wrong, why it matters, what proves it, what mends it. `number` is null where it is the only one. */
export const causeView = (cause: Cause, number: number | null, context: CauseContext): TemplateResult => {
  const { words } = context;
  return html`<article class="cause">
    <h3 class="wrap">${number === null ? nothing : html`${number}. `}${displayText(cause.summary)}</h3>
    <p class="row cause-facts">
      <span class="badge">${icon(CERTAINTY_ICONS[cause.certainty])}${words.certainty[cause.certainty]}</span>
      <span class="muted wrap">
        ${icon('server')} ${words.where(displayText(cause.namespace), otherHost(cause.host))}
      </span>
      <code class="muted">${displayText(cause.id)}</code>
    </p>
    <p class="explanation wrap">${displayText(cause.explanation)}</p>
    ${
      cause.evidence.length === 0
        ? nothing
        : html`<h4>${words.evidence}</h4>
            <dl class="evidence">
              ${cause.evidence.map(
                (one) =>
                  html`<div>
                    <dt class="mono wrap">${displayText(one.source)}</dt>
                    <dd class="mono wrap">${lines(words.said(one.text))}</dd>
                  </div>`,
              )}
            </dl>`
    }
    ${
      cause.fixes.length === 0
        ? html`<p class="muted">${words.noFix}</p>`
        : cause.fixes.map((fix, index) => fixView(fix, index, context))
    }
    ${
      context.canApply || cause.fixes.length === 0
        ? nothing
        : html`<p class="muted">${icon('info')} ${words.cannotApply}</p>`
    }
  </article>`;
};
