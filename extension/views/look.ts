import * as vscode from 'vscode';
import { label, tooltip } from './labels.ts';

/** How a row of a tree looks, as plain data: two that are equal look the same. */
export interface Look {
  /** Which row it is, as long as the tree is shown. */
  readonly id: string;
  /** VS Code keeps open what was open; a row of another variant opens or closes anew. */
  readonly variant?: string;
  readonly label: string;
  readonly description?: string;
  readonly icon: string;
  readonly colour?: string | undefined;
  readonly context: string;
  /** Whether it has rows below it, and shows them at first. */
  readonly opens?: 'closed' | 'open';
  readonly tooltip?: readonly string[];
  /** What the icon says, for who does not see it. */
  readonly spoken?: string | undefined;
}

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
const STATES = { closed: Collapsed, open: Expanded } as const;

/** The row for VS Code. Every text in it may come from a machine, and does nothing. */
export function treeItem(look: Look): vscode.TreeItem {
  const item = new vscode.TreeItem(label(look.label), look.opens ? STATES[look.opens] : None);
  item.id = `${look.id}${look.variant === undefined ? '' : `/${look.variant}`}`;
  item.description = label(look.description ?? '');
  item.iconPath = themeIcon(look);
  item.contextValue = look.context;
  item.tooltip = tooltip(...(look.tooltip ?? [look.label, look.description ?? '']));
  item.accessibilityInformation = {
    label: [look.label, look.spoken, look.description]
      .flatMap((part) => (part === undefined || part === '' ? [] : [label(part)]))
      .join(', '),
  };
  return item;
}

export const themeIcon = ({ icon, colour }: Pick<Look, 'icon' | 'colour'>): vscode.ThemeIcon =>
  new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
