import * as vscode from 'vscode';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { FromDiagnosis, ToDiagnosis } from '../../webview/messages.ts';
import { say } from '../language.ts';
import type { ApplyRequest, Network, Question } from '../networks/network.ts';
import { withProgress } from '../progress.ts';
import { Cancelled } from '../problem.ts';
import { problemText } from '../report.ts';
import { confirmApply, confirmUndo } from './confirm.ts';
import { fromDiagnosis } from './from-views.ts';
import { ViewPanel } from './view-panel.ts';

export interface DiagnosisHost {
  /** A new answer: the map draws its way. */
  readonly answered: (network: Network, diagnosis: Diagnosis) => void;
  readonly showOnMap: (network: Network, diagnosis: Diagnosis) => Promise<void>;
  /** Asks again (and with `apply` mends) with root's rights, in a terminal that asks for them. */
  readonly askAsRoot: (question: Question, apply: boolean) => Promise<void>;
  readonly report: (error: unknown) => void;
}

/** One question, its answer, and what is done about it. */
export class DiagnosisPanel implements vscode.Disposable {
  readonly #view: ViewPanel<FromDiagnosis, ToDiagnosis>;
  readonly #host: DiagnosisHost;
  readonly onDidDispose: vscode.Event<void>;
  #network: Network;
  #question: Question;
  #diagnosis: Diagnosis | null = null;
  /** What was applied last and can be taken back. */
  #applied: ApplyRequest | null = null;
  /** Only the newest question's answer is shown. */
  #asked = 0;

  constructor(network: Network, question: Question, extensionUri: vscode.Uri, host: DiagnosisHost) {
    this.#network = network;
    this.#question = question;
    this.#host = host;
    this.#view = new ViewPanel({
      view: 'diagnosis',
      title: title(question),
      column: vscode.ViewColumn.Active,
      extensionUri,
      schema: fromDiagnosis,
    });
    this.onDidDispose = this.#view.onDidDispose;
    this.#view.onDidReceive((message) => void this.#answer(message).catch(host.report));
  }

  get diagnosis(): Diagnosis | null {
    return this.#diagnosis;
  }

  reveal(): void {
    this.#view.reveal();
  }

  speakAgain(): void {
    this.#view.speakAgain();
  }

  /** Asks, shows the answer, and returns it; null where there is none. */
  async ask(network: Network, question: Question): Promise<Diagnosis | null> {
    this.#network = network;
    this.#question = question;
    this.#applied = null;
    this.#view.title = title(question);
    return this.recheck();
  }

  async recheck(): Promise<Diagnosis | null> {
    const question = this.#question;
    return this.#show(
      withProgress(say('Asking why {0} cannot reach {1}', question.from, question.to), (signal) =>
        this.#network.why(question, signal),
      ),
    );
  }

  /** Applies the first fix of the first cause that has one. */
  async applyFirst(): Promise<void> {
    const cause = this.#diagnosis?.causes.findIndex(({ fixes }) => fixes.length > 0) ?? -1;
    if (cause >= 0) await this.apply(cause, 0);
  }

  async apply(cause: number, fix: number): Promise<void> {
    const diagnosis = this.#diagnosis;
    if (!diagnosis?.causes[cause]?.fixes[fix]) return;
    const request: ApplyRequest = { question: this.#question, diagnosis, cause, fix };
    const decision = await confirmApply(this.#network, request);
    if (decision === 'no') return this.#again();
    if (decision === 'as-root') {
      await this.#host.askAsRoot(this.#question, true);
      await this.recheck();
      return;
    }
    let kept = false;
    await this.#show(
      withProgress(say('Applying the fix'), async () => {
        const applied = await this.#network.apply(request);
        kept = applied.kept;
        if (kept) this.#applied = request;
        return applied.diagnosis;
      }),
    );
    if (!kept && this.#diagnosis !== diagnosis)
      void vscode.window.showWarningMessage(
        say('The fix did not get the packet any further, so everything was put back.'),
      );
  }

  async undo(): Promise<void> {
    const request = this.#applied;
    if (!request) return;
    if (!(await confirmUndo(this.#network, request))) return this.#again();
    await this.#show(
      withProgress(say('Taking back the fix'), async () => {
        const diagnosis = await this.#network.undo(request);
        this.#applied = null;
        return diagnosis;
      }),
    );
  }

  /** The view waits for an answer to what it asked; this one has not changed. */
  #again(): void {
    if (this.#diagnosis) this.#post(this.#diagnosis);
  }

  async #show(answer: Promise<Diagnosis>): Promise<Diagnosis | null> {
    const number = ++this.#asked;
    this.#view.forget('failed');
    this.#view.post({ type: 'working', from: this.#question.from, to: this.#question.to });
    try {
      const diagnosis = await answer;
      if (number !== this.#asked) return null;
      this.#diagnosis = diagnosis;
      this.#post(diagnosis);
      this.#host.answered(this.#network, diagnosis);
      if (this.#network.permission() === 'needs-root' && isPartlyBlind(diagnosis))
        void this.#offerRoot(this.#question).catch(this.#host.report);
      return diagnosis;
    } catch (error) {
      if (number !== this.#asked) return null;
      const message = error instanceof Cancelled ? say('The question was cancelled.') : problemText(error);
      this.#view.post({ type: 'failed', message });
      return null;
    }
  }

  async #offerRoot(question: Question): Promise<void> {
    const asRoot = say('Ask with sudo in a terminal');
    const chosen = await vscode.window.showInformationMessage(
      say('Only root may read some of what decides here, so this answer is incomplete.'),
      asRoot,
    );
    if (chosen === asRoot) await this.#host.askAsRoot(question, false);
  }

  #post(diagnosis: Diagnosis): void {
    this.#view.post({
      type: 'diagnosis',
      diagnosis,
      applied: this.#applied !== null,
      canApply: this.#network.permission() !== 'untrusted-workspace',
    });
  }

  async #answer(message: FromDiagnosis): Promise<void> {
    switch (message.type) {
      case 'ready':
        return;
      case 'recheck':
        await this.recheck();
        return;
      case 'apply':
        return this.apply(message.cause, message.fix);
      case 'undo':
        return this.undo();
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
      case 'show-on-map':
        if (this.#diagnosis) await this.#host.showOnMap(this.#network, this.#diagnosis);
        return;
    }
  }

  dispose(): void {
    this.#view.dispose();
  }
}

/** Facts on the way could not be read. */
const isPartlyBlind = ({ legs }: Diagnosis): boolean =>
  legs.some(({ forward, back }) => forward.missing.length > 0 || (back?.missing.length ?? 0) > 0);

const title = ({ from, to, port }: Question): string =>
  say('Why: {0} → {1}', from, port === undefined ? to : `${to}:${port}`);
