import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { displayText } from '../../diagnostics/model/display-text.ts';
import '../shared/copy-button.ts';
import { iconButton } from '../shared/icon.ts';
import { commandsOf } from './commands.ts';
import type { GuideWords } from './words.ts';

/** What a code block can ask for. */
export interface CodeActions {
  readonly copy: (text: string) => void;
  readonly insert: (node: string | null, line: string) => void;
}

/** Commands to type, each with a way into the terminal; or output to read. */
@customElement('hoplab-code')
export class CodeBlock extends LitElement {
  @property({ attribute: false }) text = '';
  @property({ attribute: false }) node: string | null = null;
  @property({ attribute: false }) runnable = false;
  @property({ attribute: false }) words: GuideWords | null = null;
  @property({ attribute: false }) actions: CodeActions | null = null;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { words, actions, node } = this;
    if (!words || !actions) return nothing;
    return html`<div class="code-block ${this.runnable ? 'runnable' : 'output'}">
      ${
        node === null ? nothing : html`<p class="code-node muted wrap">${words.inNode(displayText(node))}</p>`
      }
      ${this.runnable ? this.lines(words, actions) : this.output(words, actions)}
    </div>`;
  }

  private lines(words: GuideWords, actions: CodeActions): TemplateResult {
    return html`<ol class="lines">
      ${commandsOf(this.text).map(
        ({ text, runnable }) =>
          html`<li>
            <code class=${runnable ? '' : 'muted'}>${displayText(text)}</code>
            ${
              runnable
                ? html`${iconButton('terminal', words.insertLine(displayText(text)), () => {
                    actions.insert(this.node, text);
                  })}${this.copyButton(text, words, actions)}`
                : nothing
            }
          </li>`,
      )}
    </ol>`;
  }

  private output(words: GuideWords, actions: CodeActions): TemplateResult {
    const lines = this.text
      .replace(/\n+$/, '')
      .split('\n')
      .map((line) => displayText(line));
    return html`<pre tabindex="0"><code>${lines.join('\n')}</code></pre>
      ${this.copyButton(this.text, words, actions)}`;
  }

  private copyButton(text: string, words: GuideWords, actions: CodeActions): TemplateResult {
    return html`<hoplab-copy
      .label=${words.copy}
      .doneLabel=${words.copied}
      .copy=${(): void => {
        actions.copy(text);
      }}
    ></hoplab-copy>`;
  }
}
