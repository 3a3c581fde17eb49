import { LitElement, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { safeHtml } from '../shared/safe-html.ts';
import { CodeBlock, type CodeActions } from './code-block.ts';
import type { GuideWords } from './words.ts';

const SHELLS = new Set(['language-sh', 'language-bash', 'language-shell']);

/** A piece of the guide: the only place where HTML from outside is shown, after `safeHtml`. */
@customElement('hoplab-text')
export class GuideText extends LitElement {
  @property({ attribute: false }) html = '';
  @property({ attribute: false }) words: GuideWords | null = null;
  @property({ attribute: false }) actions: CodeActions | null = null;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('html')) {
      const fragment = safeHtml(this.html);
      for (const pre of fragment.querySelectorAll('pre')) pre.replaceWith(this.codeBlock(pre));
      this.replaceChildren(fragment);
    }
    for (const block of this.querySelectorAll('hoplab-code')) {
      if (!(block instanceof CodeBlock)) continue;
      block.words = this.words;
      block.actions = this.actions;
    }
  }

  private codeBlock(pre: HTMLPreElement): CodeBlock {
    const code = pre.querySelector('code');
    const block = new CodeBlock();
    block.text = pre.textContent;
    block.node = pre.dataset['node'] ?? null;
    block.runnable = [...(code?.classList ?? [])].some((name) => SHELLS.has(name));
    return block;
  }
}
