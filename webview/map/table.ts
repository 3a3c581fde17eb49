import { html, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { icon } from '../shared/icon.ts';
import { fullName, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

/** Everything on the map as a table: for networks too large to draw, and for whoever prefers it. */
export const tableView = (
  graph: Graph,
  matches: ReadonlySet<string> | null,
  words: MapWords,
  open: (id: string) => void,
): TemplateResult => {
  const { columns } = words;
  const heads = [columns.name, columns.kind, columns.parent, columns.addresses, columns.state, columns.links];
  return html`<div class="table-frame" tabindex="0" role="region" aria-label=${words.table}>
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${graph.nodes
          .filter(({ id }) => matches === null || matches.has(id))
          .map((node) => {
            const parent = node.parent === null ? undefined : graph.byId.get(node.parent);
            const name = displayText(node.label);
            return html`<tr>
              <th scope="row">
                ${
                  node.endpoint === null
                    ? name
                    : html`<button
                        type="button"
                        class="link-button"
                        title=${words.terminal(name)}
                        @click=${(): void => {
                          open(node.id);
                        }}
                      >
                        ${name}
                      </button>`
                }
              </th>
              <td>${words.kind[node.kind]}</td>
              <td>${parent ? displayText(parent.label) : ''}</td>
              <td class="mono">${node.addresses.map((one) => displayText(one)).join(', ')}</td>
              <td class=${node.up ? '' : 'bad'}>
                ${icon(node.up ? 'check' : 'close')} ${node.up ? words.up : words.down}
              </td>
              <td>
                ${(graph.linksOf.get(node.id) ?? [])
                  .map(({ kind, other }) => words.link[kind](fullName(graph, other)))
                  .join(', ')}
              </td>
            </tr>`;
          })}
      </tbody>
    </table>
  </div>`;
};
