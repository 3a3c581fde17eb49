import { html, nothing, type TemplateResult } from 'lit';
import type { Choices } from './choices.ts';
import type { Graph } from './graph.ts';
import './list.ts';
import type { ListEvents } from './list.ts';
import { selectionView, type SelectionContext } from './selection.ts';
import { tableView } from './table.ts';
import type { MapWords } from './words.ts';

export interface StageContext {
  readonly graph: Graph;
  readonly words: MapWords;
  /** What a search and a filter leave; null where that is everything. */
  readonly matches: ReadonlySet<string> | null;
  readonly choices: Pick<Choices, 'collapsed' | 'list' | 'table'>;
  readonly ends: readonly string[];
  readonly listEvents: ListEvents;
  /** Opens a terminal in what a row of the table stands for. */
  readonly open: (id: string) => void;
  readonly selection: Pick<SelectionContext, 'open' | 'why' | 'swap' | 'clear'>;
}

/** The network itself: drawn, with the list in words beside it; or as a table, in place of both. */
export const stageView = (context: StageContext): TemplateResult => {
  const { graph, words, matches, ends, listEvents, open, selection } = context;
  const { collapsed, list, table } = context.choices;
  return html`<div class="stage">
    ${table ? tableView(graph, matches, words, open) : nothing}
    <div class="canvas-frame" ?hidden=${table}>
      <div id="canvas" role="img" aria-label=${words.canvas}></div>
      ${selectionView({ graph, ends, words, ...selection })}
    </div>
    ${
      list && !table
        ? html`<aside aria-label=${words.list}>
            <hoplab-list
              .graph=${graph}
              .collapsed=${collapsed}
              .shownOnly=${matches}
              .ends=${ends}
              .words=${words}
              .events=${listEvents}
            ></hoplab-list>
          </aside>`
        : nothing
    }
  </div>`;
};
