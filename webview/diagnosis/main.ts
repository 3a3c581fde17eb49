import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { FromDiagnosis, Language, ToDiagnosis } from '../messages.ts';
import { Announcer } from '../shared/announcer.ts';
import '../shared/copy-button.ts';
import { connectHost } from '../shared/host.ts';
import { icon } from '../shared/icon.ts';
import { setPageLanguage } from '../shared/language.ts';
import '../shared/look.css';
import { causeView } from './cause.ts';
import './diagnosis.css';
import { verdictSentence, verdictView } from './verdict.ts';
import { wayView } from './way.ts';
import { DIAGNOSIS_WORDS, type DiagnosisWords } from './words.ts';

interface Kept {
  readonly language: Language;
  readonly scroll: number;
}

type Answer = Extract<ToDiagnosis, { type: 'diagnosis' }>;

const host = connectHost<ToDiagnosis, FromDiagnosis, Kept>(
  { setup: true, working: true, diagnosis: true, failed: true },
  { type: 'ready' },
);

/** The answer to one question, from the verdict down to each step, and what can be done about it. */
@customElement('hoplab-diagnosis')
export class DiagnosisView extends LitElement {
  @state() private language: Language = host.state().language ?? 'en';
  @state() private answer: Answer | null = null;
  @state() private working: { readonly from: string; readonly to: string } | null = null;
  @state() private failure: string | null = null;
  /** Something was asked of the extension that it has not answered yet. */
  @state() private busy = false;
  private readonly announcer = new Announcer();

  override connectedCallback(): void {
    super.connectedCallback();
    host.listen((message) => {
      this.receive(message);
    });
    window.addEventListener('scrollend', () => {
      host.keep({ scroll: window.scrollY });
    });
  }

  protected override createRenderRoot(): this {
    return this;
  }

  private get words(): DiagnosisWords {
    return DIAGNOSIS_WORDS[this.language];
  }

  private receive(message: ToDiagnosis): void {
    switch (message.type) {
      case 'setup':
        this.language = message.language;
        host.keep({ language: message.language });
        setPageLanguage(message.language);
        return;
      case 'working':
        this.working = message;
        this.failure = null;
        this.announcer.say(displayText(this.words.working(message.from, message.to)));
        return;
      case 'diagnosis':
        this.show(message);
        return;
      case 'failed':
        this.failure = message.message;
        this.working = null;
        this.busy = false;
        return;
    }
  }

  private show(answer: Answer): void {
    const first = this.answer === null;
    this.answer = answer;
    this.working = null;
    this.failure = null;
    this.busy = false;
    this.announcer.say(verdictSentence(answer.diagnosis, this.words));
    const scroll = host.state().scroll;
    if (first && scroll)
      void this.updateComplete.then(() => {
        window.scrollTo(0, scroll);
      });
  }

  private ask(message: FromDiagnosis): void {
    this.busy = true;
    host.post(message);
  }

  protected override render(): TemplateResult {
    const { answer, words } = this;
    const underWay = this.busy || this.working !== null;
    return html`<main aria-busy=${underWay}>
      <div class="progress">
        ${underWay ? html`<vscode-progress-bar indeterminate></vscode-progress-bar>` : nothing}
      </div>
      ${
        this.failure === null
          ? nothing
          : html`<div class="message bad-message" role="alert">
              ${icon('error', 'bad')}
              <p class="wrap">${displayText(this.failure)}</p>
            </div>`
      }
      ${
        this.working
          ? html`<p class="muted wrap">${displayText(words.working(this.working.from, this.working.to))}</p>`
          : nothing
      }
      ${answer ? this.answerView(answer, underWay) : this.emptyView()}
    </main>`;
  }

  private emptyView(): TemplateResult | typeof nothing {
    if (this.working || this.failure !== null) return nothing;
    return html`<p class="muted">${this.words.waiting}</p>`;
  }

  private answerView({ diagnosis, applied, canApply }: Answer, underWay: boolean): TemplateResult {
    const { words, language } = this;
    return html`<header>
        ${verdictView(diagnosis, words)}
        ${
          applied
            ? html`<div class="message good-message">
                ${icon('check', 'good')}
                <p>${words.applied}</p>
              </div>`
            : nothing
        }
        ${this.actions(applied, underWay)}
      </header>
      <div class="columns ${this.hasCauses(diagnosis) ? '' : 'only-way'}">
        ${
          this.hasCauses(diagnosis)
            ? html`<section class="causes" aria-labelledby="causes">
                <h2 id="causes">${words.causes(Math.max(diagnosis.causes.length, 1))}</h2>
                ${diagnosis.causes.length === 0 ? html`<p class="muted">${words.noCause}</p>` : nothing}
                ${diagnosis.causes.map((cause, index) =>
                  causeView(cause, diagnosis.causes.length === 1 ? null : index + 1, {
                    words,
                    canApply,
                    busy: underWay,
                    copy: (text) => {
                      host.post({ type: 'copy', text });
                    },
                    apply: (fix) => {
                      this.ask({ type: 'apply', cause: index, fix });
                    },
                  }),
                )}
              </section>`
            : nothing
        }
        <section class="way" aria-labelledby="way">
          <h2 id="way">${words.way}</h2>
          ${wayView({ diagnosis, language, words })}
        </section>
      </div>
      ${this.footer(diagnosis)}`;
  }

  /** Where all is well there is no cause to look for. */
  private hasCauses({ causes, verdict }: Diagnosis): boolean {
    return causes.length > 0 || verdict !== 'reachable';
  }

  private actions(applied: boolean, underWay: boolean): TemplateResult {
    const { words } = this;
    const button = (name: string, label: string, message: FromDiagnosis, title = label): TemplateResult =>
      html`<button
        type="button"
        class="button secondary"
        title=${title}
        ?disabled=${underWay}
        @click=${(): void => {
          if (message.type === 'show-on-map') host.post(message);
          else this.ask(message);
        }}
      >
        ${icon(name)} ${label}
      </button>`;
    return html`<div class="row actions">
      ${button('refresh', words.recheck, { type: 'recheck' })}
      ${button('type-hierarchy', words.showOnMap, { type: 'show-on-map' })}
      ${applied ? button('discard', words.undo, { type: 'undo' }, words.undoTitle) : nothing}
    </div>`;
  }

  private footer({ notes, timings }: Diagnosis): TemplateResult {
    const { words } = this;
    const ms = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
    return html`<footer>
      ${
        notes.length === 0
          ? nothing
          : html`<h2>${words.notes}</h2>
              <ul class="bullets">
                ${notes.map((note) => html`<li class="wrap">${displayText(note)}</li>`)}
              </ul>`
      }
      <p class="muted timings">
        ${words.timings(ms(timings.collect), ms(timings.simulate), ms(timings.probe))}
      </p>
    </footer>`;
  }
}
