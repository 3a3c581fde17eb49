import * as vscode from 'vscode';
import type { Topology, TopologyNode } from '../../diagnostics/model/topology.ts';
import { say } from '../language.ts';
import type { Network } from '../networks/network.ts';
import type { Networks } from '../networks/networks.ts';
import { kindName, nodeIcon } from './labels.ts';
import type { Look } from './look.ts';
import { Rows } from './rows.ts';

/** What a row of the tree stands for: a node, and the network it is in (commands need both). */
export interface NetworkItem {
  readonly network: Network;
  readonly node: TopologyNode;
}

/** Hosts → namespaces and containers → interfaces with their addresses, of the network that is looked at. */
export class NetworkTree implements vscode.Disposable {
  readonly rows: Rows<NetworkItem>;
  readonly #networks: Networks;
  readonly #subscription: vscode.Disposable;

  constructor(networks: Networks) {
    this.#networks = networks;
    this.rows = new Rows({
      below: (item) => (item ? inside(item.network, item.network.topology, item.node.id) : this.#top()),
      look,
    });
    this.#subscription = vscode.Disposable.from(
      this.rows,
      networks.onDidChange(() => {
        // What was not read yet is read once somebody looks.
        if (networks.current.topology === null) this.rows.redraw();
        else void this.rows.refresh();
      }),
    );
  }

  async #top(): Promise<readonly NetworkItem[]> {
    const network = this.#networks.current;
    return inside(network, network.topology ?? (await this.#networks.read(network)), null);
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}

/** The nodes below one; below null: those that are in none. */
function inside(network: Network, topology: Topology | null, parent: string | null): readonly NetworkItem[] {
  const ids = new Set(topology?.nodes.map(({ id }) => id));
  return (topology?.nodes ?? [])
    .filter((node) => (node.parent !== null && ids.has(node.parent) ? node.parent : null) === parent)
    .map((node) => ({ network, node }));
}

function look({ network, node }: NetworkItem): Look {
  const full = network.topology?.nodes.some(({ parent }) => parent === node.id) ?? false;
  const addresses = node.addresses.join(', ');
  const down = node.up ? '' : say('down');
  return {
    id: `${network.id}/${node.id}`,
    label: node.label,
    description: [addresses, down].filter((part) => part !== '').join(' · '),
    ...nodeIcon(node),
    context: node.endpoint === null ? node.kind : `${node.kind} endpoint`,
    // Hosts are open; a machine may have hundreds of namespaces, so these are not.
    ...(full ? { opens: node.kind === 'host' ? 'open' : 'closed' } : {}),
    spoken: kindName(node.kind),
    tooltip: [`${kindName(node.kind)} ${node.label}`, addresses, down],
  };
}
