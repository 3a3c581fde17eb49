import * as vscode from 'vscode';
import { shellWord } from '../../diagnostics/model/shell-word.ts';
import type { FromGuide, GuideStep, ToGuide } from '../../webview/messages.ts';
import type { GuideResult } from '../../labs/session/protocol.ts';
import { breakLab, checkLab, resetLab } from '../commands/labs.ts';
import { renderMarkdown } from '../guide/markdown.ts';
import { language, say } from '../language.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import type { Question } from '../networks/network.ts';
import { toQuestion } from '../networks/question.ts';
import type { Terminals } from '../terminals.ts';
import { fromGuide } from './from-views.ts';
import { ViewPanel } from './view-panel.ts';

export interface GuideHost {
  readonly terminals: Terminals;
  readonly askWhy: (lab: RunningLab, question: Question) => Promise<void>;
  readonly report: (error: unknown) => void;
}

/** The guide of a running lab: its text, live checks, hints, solution, faults. */
export class GuidePanel implements vscode.Disposable {
  readonly lab: RunningLab;
  readonly #view: ViewPanel<FromGuide, ToGuide>;
  readonly #host: GuideHost;
  readonly onDidDispose: vscode.Event<void>;
  #steps: readonly GuideStep[] = [];
  #quizzes: GuideResult['quizzes'] = [];
  #references: GuideResult['references'] = [];

  constructor(lab: RunningLab, extensionUri: vscode.Uri, host: GuideHost, restored?: vscode.WebviewPanel) {
    this.lab = lab;
    this.#host = host;
    this.#view = new ViewPanel({
      view: 'guide',
      title: lab.title,
      column: vscode.ViewColumn.Active,
      extensionUri,
      schema: fromGuide,
      restored,
    });
    this.#view.title = lab.title;
    this.onDidDispose = this.#view.onDidDispose;
    const subscriptions = [
      lab.onDidChange(() => this.#show()),
      lab.onDidEnd(() =>
        this.#view.post({ type: 'gone', reason: say('The lab "{0}" was stopped.', lab.title) }),
      ),
    ];
    this.onDidDispose(() => vscode.Disposable.from(...subscriptions).dispose());
    this.#view.onDidReceive((message) => void this.#answer(message).catch(host.report));
    void this.#load().catch(host.report);
  }

  reveal(): void {
    this.#view.reveal();
  }

  speakAgain(): void {
    this.#view.speakAgain();
    void this.#load().catch(this.#host.report);
  }

  async hint(step?: string): Promise<void> {
    const hint = await this.lab.request('hint', {
      language: language(),
      ...(step === undefined ? {} : { step }),
    });
    if (hint.hint !== null)
      this.#view.tell({ type: 'hint', step: hint.step, html: renderMarkdown(hint.hint) });
    await this.lab.refresh();
  }

  async #load(): Promise<void> {
    const { sections, quizzes, references } = await this.lab.request('guide', { language: language() });
    this.#steps = sections.map(({ id, markdown }) => ({ id, html: renderMarkdown(markdown) }));
    this.#quizzes = quizzes;
    this.#references = references;
    this.#show();
  }

  #show(): void {
    const { status } = this.lab;
    if (!status) return;
    const debriefHtml = status.debrief === null ? null : renderMarkdown(status.debrief);
    this.#view.post({
      type: 'lab',
      status,
      steps: this.#steps,
      debriefHtml,
      quizzes: this.#quizzes,
      references: this.#references,
    });
  }

  async #answer(message: FromGuide): Promise<void> {
    const { terminals } = this.#host;
    const network = this.lab.network;
    switch (message.type) {
      case 'ready':
        return;
      case 'check':
        return checkLab(this.lab);
      case 'hint':
        return this.hint(message.step);
      case 'solution':
        return this.#solution(message.step);
      case 'insert': {
        const node = message.node ?? this.lab.status?.nodes[0]?.name;
        if (node !== undefined) await terminals.insert(network, node, message.text);
        return;
      }
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
      case 'open-terminal':
        await terminals.show(network, message.node);
        return;
      case 'break':
        return breakLab(this.lab, message.fault);
      case 'reset':
        return resetLab(this.lab, message.step);
      case 'ask-why':
        return this.#host.askWhy(this.lab, toQuestion(message.question));
    }
  }

  async #solution(step: string): Promise<void> {
    const { commands } = await this.lab.request('solve', { language: language(), step, run: false });
    this.#view.tell({
      type: 'solution',
      step,
      commands: commands.map(({ node, argv }) => ({ node, text: commandText(argv) })),
    });
    await this.lab.refresh();
  }

  dispose(): void {
    this.#view.dispose();
  }
}

/** A command as a learner would type it. */
function commandText(argv: readonly string[]): string {
  const [shell, option, line] = argv;
  if (argv.length === 3 && shell === 'sh' && option === '-c' && line !== undefined) return line;
  return argv.map(shellWord).join(' ');
}
