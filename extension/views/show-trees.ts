import * as vscode from 'vscode';
import type { Labs } from '../labs/labs.ts';
import type { Networks } from '../networks/networks.ts';
import { problemText } from '../report.ts';
import type { LabsTree } from './labs-tree.ts';
import type { NetworkTree } from './network-tree.ts';

export interface Trees {
  readonly labs: Labs;
  readonly networks: Networks;
  readonly labsTree: LabsTree;
  readonly networkTree: NetworkTree;
  readonly report: (error: unknown) => void;
}

/** Puts both trees into the side bar. What is heavy starts when one of them is first seen. */
export function showTrees(hoplab: Trees): vscode.Disposable {
  const labs = vscode.window.createTreeView('hoplab.labs', {
    treeDataProvider: hoplab.labsTree.rows,
    showCollapseAll: true,
  });
  const network = vscode.window.createTreeView('hoplab.network', {
    treeDataProvider: hoplab.networkTree.rows,
    showCollapseAll: true,
  });
  const tell = (): void => {
    const { current } = hoplab.networks;
    network.description = current.title;
    // A message is about the network that was looked at before.
    if (current.topology) network.message = '';
  };
  const watch = (): void => {
    if (labs.visible || network.visible) hoplab.labs.watch().catch(hoplab.report);
  };
  tell();
  watch();
  const message = (error: unknown): string => (error === null ? '' : problemText(error));
  return vscode.Disposable.from(
    labs,
    network,
    labs.onDidChangeVisibility(watch),
    network.onDidChangeVisibility(watch),
    hoplab.networks.onDidChange(tell),
    hoplab.labsTree.onDidRead((error) => (labs.message = message(error))),
    hoplab.networks.onDidRead((error) => (network.message = message(error))),
  );
}
