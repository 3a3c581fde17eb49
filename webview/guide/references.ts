import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Reference } from '../../labs/session/protocol.ts';
import type { GuideWords } from './words.ts';

const isWeb = ({ url }: Reference): boolean => /^https?:\/\//i.test(url);

/** Where to read on. */
export const referencesView = (
  references: readonly Reference[],
  words: GuideWords,
): TemplateResult | typeof nothing => {
  const links = references.filter(isWeb);
  if (links.length === 0) return nothing;
  return html`<section class="references" aria-labelledby="references">
    <h2 id="references">${words.references}</h2>
    <ul>
      ${links.map(({ title, url }) => html`<li><a href=${url}>${displayText(title)}</a></li>`)}
    </ul>
  </section>`;
};
