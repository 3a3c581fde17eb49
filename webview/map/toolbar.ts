import { html, type TemplateResult } from 'lit';
import { iconButton } from '../shared/icon.ts';
import type { Filter } from './graph.ts';
import type { MapWords } from './words.ts';

export interface ToolbarContext {
  readonly words: MapWords;
  readonly search: string;
  readonly filter: Filter;
  readonly found: number | null;
  readonly table: boolean;
  readonly list: boolean;
  readonly allCollapsed: boolean;
  readonly find: (search: string) => void;
  readonly firstFound: () => void;
  readonly choose: (filter: Filter) => void;
  readonly press: (
    what: 'fit' | 'zoom-in' | 'zoom-out' | 'collapse' | 'expand' | 'refresh' | 'save' | 'list' | 'table',
  ) => void;
}

/** Search, filter, and what can be done with the map as a whole. */
export const toolbarView = (context: ToolbarContext): TemplateResult => {
  const { words, search, filter, found, table, list, allCollapsed, find, firstFound, choose, press } =
    context;
  const button = (
    name: string,
    label: string,
    what: Parameters<typeof press>[0],
    more: { pressed?: boolean; disabled?: boolean } = {},
  ): TemplateResult =>
    iconButton(
      name,
      label,
      () => {
        press(what);
      },
      more,
    );
  return html`<div class="toolbar" role="toolbar" aria-label=${words.toolbar}>
    <input
      type="search"
      class="search"
      aria-label=${words.search}
      placeholder=${words.search}
      .value=${search}
      @input=${(event: Event): void => {
        if (event.target instanceof HTMLInputElement) find(event.target.value);
      }}
      @keydown=${(event: KeyboardEvent): void => {
        if (event.key === 'Enter' || event.key === 'ArrowDown') firstFound();
        if (event.key === 'Escape') find('');
      }}
    />
    <select
      aria-label=${words.show}
      title=${words.show}
      @change=${(event: Event): void => {
        if (event.target instanceof HTMLSelectElement) choose(event.target.value === 'down' ? 'down' : 'all');
      }}
    >
      <option value="all" ?selected=${filter === 'all'}>${words.filter.all}</option>
      <option value="down" ?selected=${filter === 'down'}>${words.filter.down}</option>
    </select>
    <span class="muted found" role="status">${found === null ? '' : words.found(found)}</span>
    <span class="grow"></span>
    ${button('screen-full', words.fit, 'fit', { disabled: table })}
    ${button('zoom-in', words.zoomIn, 'zoom-in', { disabled: table })}
    ${button('zoom-out', words.zoomOut, 'zoom-out', { disabled: table })}
    ${
      allCollapsed
        ? button('expand-all', words.expandAll, 'expand')
        : button('collapse-all', words.collapseAll, 'collapse')
    }
    <span class="separator"></span>
    ${button('list-tree', words.list, 'list', { pressed: list, disabled: table })}
    ${button('table', words.table, 'table', { pressed: table })}
    <span class="separator"></span>
    ${button('refresh', words.refresh, 'refresh')} ${button('save', words.save, 'save', { disabled: table })}
  </div>`;
};
