import { html, nothing, type TemplateResult } from 'lit';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { TopologyNode } from '../../diagnostics/model/topology.ts';
import { icon, iconButton } from '../shared/icon.ts';
import { endpointNode, type Graph } from './graph.ts';
import type { MapWords } from './words.ts';

export interface SelectionContext {
  readonly graph: Graph;
  /** One or two nodes: from, to. */
  readonly ends: readonly string[];
  readonly words: MapWords;
  readonly open: (endpoint: string) => void;
  readonly why: (from: string, to: string | null) => void;
  readonly swap: () => void;
  readonly clear: () => void;
}

/** An end of a question: the node that was chosen, and how the question names it. An interface means its address. */
interface End {
  readonly name: string;
  readonly endpoint: string;
}

const asEnd = (graph: Graph, id: string): End | null => {
  const node: TopologyNode | null = endpointNode(graph, id);
  return node?.endpoint === null || !node ? null : { name: displayText(node.label), endpoint: node.endpoint };
};

/** The address of an interface without its prefix length, where the question's far end is that interface. */
const asTarget = (graph: Graph, id: string): End | null => {
  const node = graph.byId.get(id);
  const address = node?.kind === 'interface' || node?.kind === 'bridge' ? node.addresses[0] : undefined;
  if (!address) return asEnd(graph, id);
  const bare = address.replace(/\/\d+$/, '');
  return { name: displayText(bare), endpoint: bare };
};

/** What can be done with what is selected. */
export const selectionView = (context: SelectionContext): TemplateResult | typeof nothing => {
  const { graph, ends, words, open, why, swap, clear } = context;
  const [first, second] = ends;
  const from = first === undefined ? null : asEnd(graph, first);
  if (!from) return nothing;
  const to = second === undefined ? null : asTarget(graph, second);
  return html`<div class="selection" role="toolbar" aria-label=${words.selection}>
    ${
      to
        ? html`<button
              type="button"
              class="button"
              @click=${(): void => {
                why(from.endpoint, to.endpoint);
              }}
            >
              ${icon('lightbulb')} <span class="wrap">${words.why(from.name, to.name)}</span>
            </button>
            ${iconButton('arrow-swap', words.swap, swap)}`
        : html`<button
              type="button"
              class="button"
              @click=${(): void => {
                why(from.endpoint, null);
              }}
            >
              ${icon('lightbulb')} <span class="wrap">${words.whyFrom(from.name)}</span>
            </button>
            <button
              type="button"
              class="button secondary"
              @click=${(): void => {
                open(from.endpoint);
              }}
            >
              ${icon('terminal')} <span class="wrap">${words.terminal(from.name)}</span>
            </button>
            <span class="muted select-help">${words.selectHelp}</span>`
    }
    <span class="grow"></span>
    ${iconButton('close', words.clear, clear)}
  </div>`;
};
