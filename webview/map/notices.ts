import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { icon } from '../shared/icon.ts';
import type { MapWords } from './words.ts';

/** Above the map: that what it shows is gone; that it is too large to show in full. */
export const noticesView = (
  gone: string | null,
  /** How many elements there are, where groups are collapsed because of it. */
  large: number | null,
  words: MapWords,
  showTable: () => void,
): TemplateResult =>
  html`${
    gone === null
      ? nothing
      : html`<div class="message bad-message strip">
          ${icon('debug-disconnect', 'bad')}
          <p class="wrap">${words.gone} ${displayText(gone)}</p>
        </div>`
  }
  ${
    large === null
      ? nothing
      : html`<div class="message strip">
          ${icon('info')}
          <p class="grow">${words.large(large)}</p>
          <button type="button" class="link-button" @click=${showTable}>${words.showTable}</button>
        </div>`
  }`;
