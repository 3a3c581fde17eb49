import * as vscode from 'vscode';
import type { Topology, TopologyNode } from '../../diagnostics/model/topology.ts';
import { say } from '../language.ts';
import type { Network } from '../networks/network.ts';
import type { Networks } from '../networks/networks.ts';
import { kindName, label, nodeIcon, tooltip } from './labels.ts';

/** An element of the tree: a node, and the network it is in (commands need both). */
export interface NetworkItem {
  readonly network: Network;
  readonly node: TopologyNode;
}

/** Hosts → namespaces and containers → interfaces with their addresses, of the network that is looked at. */
export class NetworkTree implements vscode.TreeDataProvider<NetworkItem> {
  readonly #networks: Networks;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(networks: Networks) {
    this.#networks = networks;
    networks.onDidChange(() => this.#changed.fire(undefined));
  }

  async getChildren(parent?: NetworkItem): Promise<NetworkItem[]> {
    const { network, topology } = await this.#read(parent);
    if (topology === null) return [];
    const ids = new Set(topology.nodes.map((node) => node.id));
    return topology.nodes
      .filter((node) =>
        parent === undefined ? node.parent === null || !ids.has(node.parent) : node.parent === parent.node.id,
      )
      .map((node) => ({ network, node }));
  }

  async #read(parent?: NetworkItem): Promise<{ network: Network; topology: Topology | null }> {
    if (parent) return { network: parent.network, topology: parent.network.topology };
    const network = this.#networks.current;
    return { network, topology: network.topology ?? (await this.#networks.read(network)) };
  }

  getTreeItem({ network, node }: NetworkItem): vscode.TreeItem {
    const topology = network.topology;
    const hasChildren = topology?.nodes.some((other) => other.parent === node.id) ?? false;
    const item = new vscode.TreeItem(label(node.label), state(node, hasChildren));
    const addresses = node.addresses.join(', ');
    const down = node.up ? '' : say('down');
    item.id = `${network.id}/${node.id}`;
    item.description = label([addresses, down].filter((part) => part !== '').join(' · '));
    item.iconPath = nodeIcon(node);
    item.tooltip = tooltip(`${kindName(node.kind)} ${node.label}`, addresses, down);
    item.contextValue = node.endpoint === null ? node.kind : `${node.kind} endpoint`;
    item.accessibilityInformation = {
      label: [label(node.label), kindName(node.kind), addresses, down]
        .filter((part) => part !== '')
        .join(', '),
    };
    return item;
  }
}

/** Hosts are open; a machine may have hundreds of namespaces, so these are not. */
function state(node: TopologyNode, hasChildren: boolean): vscode.TreeItemCollapsibleState {
  if (!hasChildren) return vscode.TreeItemCollapsibleState.None;
  return node.kind === 'host'
    ? vscode.TreeItemCollapsibleState.Expanded
    : vscode.TreeItemCollapsibleState.Collapsed;
}
