import * as vscode from 'vscode';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { TopologyNode } from '../../diagnostics/model/topology.ts';
import { say } from '../language.ts';

/** A name from the machine as a label. */
export const label = (text: string): string => displayText(text, 'label');

/** A text from the machine as a tooltip, in which nothing is a link or an icon. */
export function tooltip(...lines: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(
    lines
      .filter((line) => line !== '')
      .map((line) => displayText(line, 'markdown'))
      .join('\n\n'),
  );
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  markdown.supportThemeIcons = false;
  return markdown;
}

const ICONS: Readonly<Record<TopologyNode['kind'], string>> = {
  host: 'server',
  namespace: 'symbol-namespace',
  container: 'package',
  bridge: 'git-merge',
  interface: 'plug',
  outside: 'globe',
};

/** A node's icon, and its colour where it has one of its own. */
export const nodeIcon = (node: TopologyNode): { readonly icon: string; readonly colour?: string } =>
  node.up ? { icon: ICONS[node.kind] } : { icon: 'debug-disconnect', colour: 'list.warningForeground' };

/** What kind of thing a node is, for a screen reader and a tooltip. */
export function kindName(kind: TopologyNode['kind']): string {
  switch (kind) {
    case 'host':
      return say('host');
    case 'namespace':
      return say('network namespace');
    case 'container':
      return say('container');
    case 'bridge':
      return say('bridge');
    case 'interface':
      return say('interface');
    case 'outside':
      return say('outside this machine');
  }
}
