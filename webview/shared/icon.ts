import { html, nothing, type TemplateResult } from 'lit';

/** A codicon as decoration: a word beside it, or the control's name, says the same. */
export const icon = (name: string, className = ''): TemplateResult =>
  html`<span class="codicon codicon-${name} ${className}" aria-hidden="true"></span>`;

/** A button with an icon and no visible word: `label` is its name and its tooltip. */
export const iconButton = (
  name: string,
  label: string,
  press: () => void,
  more: { readonly pressed?: boolean; readonly disabled?: boolean } = {},
): TemplateResult =>
  html`<button
    type="button"
    class="icon-button"
    aria-label=${label}
    title=${label}
    aria-pressed=${more.pressed === undefined ? nothing : String(more.pressed)}
    ?disabled=${more.disabled ?? false}
    @click=${press}
  >
    ${icon(name)}
  </button>`;
