import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { icon } from './icon.ts';

/** Copies through the extension (a webview's own clipboard needs the focus), and says for a moment that it did. */
@customElement('hoplab-copy')
export class CopyButton extends LitElement {
  @property({ attribute: false }) label = '';
  @property({ attribute: false }) doneLabel = '';
  @property({ attribute: false }) copy: () => void = () => undefined;
  @state() private done = false;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult {
    const label = this.done ? this.doneLabel : this.label;
    return html`<button
      type="button"
      class="icon-button"
      aria-label=${label}
      title=${label}
      @click=${this.press}
    >
      ${icon(this.done ? 'check' : 'copy')}
    </button>`;
  }

  private press(): void {
    this.copy();
    this.done = true;
    setTimeout(() => (this.done = false), 1500);
  }
}
