import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Quiz, StepStatus } from '../../labs/session/protocol.ts';
import type { FromGuide, ToGuide } from '../messages.ts';
import { Announcer } from '../shared/announcer.ts';
import { connectHost } from '../shared/host.ts';
import { icon } from '../shared/icon.ts';
import { setPageLanguage } from '../shared/language.ts';
import '../shared/look.css';
import { changesToSay } from './checks.ts';
import type { CodeActions } from './code-block.ts';
import { faultsView } from './faults.ts';
import './guide-text.ts';
import './guide.css';
import { headerView } from './header.ts';
import { NOTHING_KEPT, type Kept } from './kept.ts';
import { referencesView } from './references.ts';
import { stepView } from './step.ts';
import { GUIDE_WORDS, type GuideWords } from './words.ts';

type Lab = Extract<ToGuide, { type: 'lab' }>;

const host = connectHost<ToGuide, FromGuide, Kept>(
  { setup: true, lab: true, hint: true, solution: true, gone: true },
  { type: 'ready' },
);

const actions: CodeActions = {
  copy: (text) => {
    host.post({ type: 'copy', text });
  },
  insert: (node, text) => {
    host.post({ type: 'insert', node, text });
  },
};

/** A lab's guide: where the learner is, what to do, and whether it is so yet. */
@customElement('hoplab-guide')
export class GuideView extends LitElement {
  @state() private kept: Kept = { ...NOTHING_KEPT, ...host.state() };
  @state() private lab: Lab | null = null;
  @state() private gone: string | null = null;
  @state() private checking = false;
  /** The step whose solution is being asked for. */
  @state() private warned: string | null = null;
  private readonly announcer = new Announcer();

  override connectedCallback(): void {
    super.connectedCallback();
    host.listen((message) => {
      this.receive(message);
    });
  }

  protected override createRenderRoot(): this {
    return this;
  }

  private get words(): GuideWords {
    return GUIDE_WORDS[this.kept.language];
  }

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    host.keep(this.kept);
  }

  private receive(message: ToGuide): void {
    switch (message.type) {
      case 'setup':
        this.keep({ language: message.language });
        setPageLanguage(message.language);
        return;
      case 'lab':
        this.show(message);
        return;
      case 'hint': {
        const before = this.kept.hints[message.step] ?? [];
        if (before.includes(message.html)) return;
        this.keep({ hints: { ...this.kept.hints, [message.step]: [...before, message.html] } });
        this.announcer.say(this.words.hint(before.length + 1));
        return;
      }
      case 'solution':
        this.keep({ solutions: { ...this.kept.solutions, [message.step]: message.commands } });
        this.announcer.say(this.words.solution);
        return;
      case 'gone':
        this.gone = message.reason;
        this.announcer.say(displayText(message.reason));
        return;
    }
  }

  private show(lab: Lab): void {
    const { status } = lab;
    if (this.kept.sandbox !== status.sandbox)
      this.keep({ sandbox: status.sandbox, open: status.currentStep, hints: {}, solutions: {}, answers: {} });
    const before = this.lab?.status ?? null;
    this.announcer.say(changesToSay(before, status, this.words));
    this.lab = lab;
    this.gone = null;
    this.checking = false;
  }

  private post(message: FromGuide): void {
    if (message.type === 'check') this.checking = true;
    host.post(message);
  }

  private choose(quiz: Quiz, answer: number): void {
    this.keep({ answers: { ...this.kept.answers, [quiz.question]: answer } });
    const { quizRight, quizWrong } = this.words;
    this.announcer.say(answer === quiz.right ? `${quizRight} ${displayText(quiz.because)}` : quizWrong);
  }

  /** Opens a step and puts the focus on its heading. */
  private open(step: string): void {
    this.keep({ open: step });
    void this.updateComplete.then(() => {
      const title = this.querySelector<HTMLElement>('.expanded .step-title');
      title?.focus({ preventScroll: true });
      title?.scrollIntoView({ block: 'start' });
    });
  }

  protected override render(): TemplateResult {
    const { lab, words } = this;
    return html`<main>
      ${
        this.gone === null
          ? nothing
          : html`<div class="message bad-message">
              ${icon('debug-disconnect', 'bad')}
              <div class="wrap">
                <p>${words.gone}</p>
                <p class="muted">${displayText(this.gone)}</p>
              </div>
            </div>`
      }
      ${lab ? this.labView(lab) : this.gone === null ? html`<p class="muted">${words.waiting}</p>` : nothing}
    </main>`;
  }

  private labView(lab: Lab): TemplateResult {
    const { words } = this;
    const { status } = lab;
    const intro = this.htmlOf(lab, 'intro');
    return html`${headerView(status, words, (message) => {
        this.post(message);
      })}
      ${
        intro === ''
          ? nothing
          : html`<details class="intro" ?open=${!status.steps.some((step) => step.done)}>
              <summary><span class="twisty"></span>${words.intro}</summary>
              <hoplab-text .html=${intro} .words=${words} .actions=${actions}></hoplab-text>
            </details>`
      }
      <ol class="lab-steps" aria-label=${words.steps}>
        ${repeat(
          status.steps,
          (step) => step.id,
          (step, index) => this.stepOf(lab, step, index),
        )}
      </ol>
      ${
        lab.debriefHtml === null
          ? nothing
          : html`<section class="debrief" aria-labelledby="debrief">
              <h2 id="debrief">${words.debrief}</h2>
              <hoplab-text .html=${lab.debriefHtml} .words=${words} .actions=${actions}></hoplab-text>
            </section>`
      }
      ${faultsView({
        status,
        words,
        actions,
        htmlOf: (fault) => this.htmlOf(lab, fault),
        hintsOf: (fault) => this.kept.hints[fault] ?? [],
        post: (message) => {
          this.post(message);
        },
      })}
      ${lab.status.currentStep === null ? referencesView(lab.references, words) : nothing}
      <footer>
        <button
          type="button"
          class="button secondary"
          @click=${(): void => {
            this.post({ type: 'reset', step: null });
          }}
        >
          ${icon('discard')} ${words.resetLab}
        </button>
      </footer>`;
  }

  private htmlOf(lab: Lab, section: string): string {
    return lab.steps.find(({ id }) => id === section)?.html ?? '';
  }

  private stepOf(lab: Lab, step: StepStatus, index: number): TemplateResult {
    const { kept, words } = this;
    const next = lab.status.steps[index + 1];
    return stepView({
      step,
      number: index + 1,
      html: this.htmlOf(lab, step.id),
      hints: kept.hints[step.id] ?? [],
      quizzes: lab.quizzes.filter((quiz) => quiz.step === step.id),
      answers: kept.answers,
      solution: kept.solutions[step.id] ?? null,
      expanded: kept.open === step.id,
      current: lab.status.currentStep === step.id,
      checking: this.checking,
      warning: this.warned === step.id,
      hasNext: next !== undefined,
      words,
      actions,
      post: (message) => {
        this.post(message);
      },
      toggle: () => {
        this.keep({ open: kept.open === step.id ? null : step.id });
      },
      warn: (open) => {
        this.warned = open ? step.id : null;
        if (open)
          void this.updateComplete.then(() => this.querySelector<HTMLElement>('.show-anyway')?.focus());
      },
      next: () => {
        if (next) this.open(next.id);
      },
      choose: (quiz, answer) => {
        this.choose(quiz, answer);
      },
    });
  }
}
