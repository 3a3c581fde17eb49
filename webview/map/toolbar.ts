import { html, type TemplateResult } from 'lit';
import { iconButton } from '../shared/icon.ts';
import type { Choices } from './choices.ts';
import { collapsibleGroups, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

export interface ToolbarContext {
  readonly graph: Graph;
  readonly words: MapWords;
  readonly choices: Choices;
  /** How many nodes search and filter leave; null where they leave all. */
  readonly found: number | null;
  /** Puts the focus on the first of them. */
  readonly firstFound: () => void;
  readonly actions: Readonly<Record<'fit' | 'zoomIn' | 'zoomOut' | 'refresh' | 'save', () => void>>;
}

/** Search, filter, and what can be done with the map as a whole. */
export const toolbarView = (context: ToolbarContext): TemplateResult => {
  const { graph, words, choices, found, firstFound, actions } = context;
  const { search, filter, table, list } = choices;
  return html`<div class="toolbar" role="toolbar" aria-label=${words.toolbar}>
    <input
      type="search"
      class="search"
      aria-label=${words.search}
      placeholder=${words.search}
      .value=${search}
      @input=${(event: Event): void => {
        if (event.target instanceof HTMLInputElement) choices.find(event.target.value);
      }}
      @keydown=${(event: KeyboardEvent): void => {
        if (event.key === 'Enter' || event.key === 'ArrowDown') firstFound();
        if (event.key === 'Escape') choices.find('');
      }}
    />
    <select
      aria-label=${words.show}
      title=${words.show}
      @change=${(event: Event): void => {
        if (event.target instanceof HTMLSelectElement)
          choices.show(event.target.value === 'down' ? 'down' : 'all');
      }}
    >
      <option value="all" ?selected=${filter === 'all'}>${words.filter.all}</option>
      <option value="down" ?selected=${filter === 'down'}>${words.filter.down}</option>
    </select>
    <span class="muted found" role="status">${found === null ? '' : words.found(found)}</span>
    <span class="grow"></span>
    ${iconButton('screen-full', words.fit, actions.fit, { disabled: table })}
    ${iconButton('zoom-in', words.zoomIn, actions.zoomIn, { disabled: table })}
    ${iconButton('zoom-out', words.zoomOut, actions.zoomOut, { disabled: table })}
    ${
      choices.allCollapsed(graph)
        ? iconButton('expand-all', words.expandAll, () => {
            choices.collapseOnly([]);
          })
        : iconButton('collapse-all', words.collapseAll, () => {
            choices.collapseOnly(collapsibleGroups(graph));
          })
    }
    <span class="separator"></span>
    ${iconButton(
      'list-tree',
      words.list,
      () => {
        choices.toggleList();
      },
      { pressed: list, disabled: table },
    )}
    ${iconButton(
      'table',
      words.table,
      () => {
        choices.toggleTable();
      },
      { pressed: table },
    )}
    <span class="separator"></span>
    ${iconButton('refresh', words.refresh, actions.refresh)}
    ${iconButton('save', words.save, actions.save, { disabled: table })}
  </div>`;
};
