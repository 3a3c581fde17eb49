import * as vscode from 'vscode';
import type { CheckStatus, FaultStatus, NodeStatus, StepStatus } from '../../labs/session/protocol.ts';
import { say } from '../language.ts';
import type { CatalogEntry } from '../labs/catalog.ts';
import type { Labs } from '../labs/labs.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import { label, tooltip } from './labels.ts';

/** An element of the tree; commands get it as their argument. */
export type LabItem =
  | { readonly kind: 'lab'; readonly entry: CatalogEntry }
  | { readonly kind: 'running'; readonly lab: RunningLab }
  | { readonly kind: 'group'; readonly lab: RunningLab; readonly group: 'nodes' | 'faults' }
  | { readonly kind: 'step'; readonly lab: RunningLab; readonly step: StepStatus }
  | { readonly kind: 'check'; readonly lab: RunningLab; readonly step: string; readonly check: CheckStatus }
  | { readonly kind: 'node'; readonly lab: RunningLab; readonly node: NodeStatus }
  | { readonly kind: 'fault'; readonly lab: RunningLab; readonly fault: FaultStatus };

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** Running labs with their steps, nodes and faults; then what else can be started. */
export class LabsTree implements vscode.TreeDataProvider<LabItem> {
  readonly #labs: Labs;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #failed = new vscode.EventEmitter<unknown>();
  readonly onDidChangeTreeData = this.#changed.event;
  /** With what went wrong, or null. */
  readonly onDidRead = this.#failed.event;

  constructor(labs: Labs) {
    this.#labs = labs;
    labs.onDidChangeRunning(() => this.refresh());
    labs.onDidChangeStatus(() => this.refresh());
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(parent?: LabItem): Promise<LabItem[]> {
    if (!parent) return this.#top();
    switch (parent.kind) {
      case 'running':
        return children(parent.lab);
      case 'group':
        return parent.group === 'nodes'
          ? (parent.lab.status?.nodes ?? []).map((node) => ({ kind: 'node', lab: parent.lab, node }))
          : (parent.lab.status?.faults ?? []).map((fault) => ({ kind: 'fault', lab: parent.lab, fault }));
      case 'step':
        return parent.step.checks.map((check) => ({
          kind: 'check',
          lab: parent.lab,
          step: parent.step.id,
          check,
        }));
      case 'lab':
      case 'check':
      case 'node':
      case 'fault':
        return [];
    }
  }

  async #top(): Promise<LabItem[]> {
    const running = this.#labs.running;
    const started = new Set(running.map((lab) => lab.lab));
    try {
      const catalog = process.platform === 'linux' ? await this.#labs.catalog() : [];
      this.#failed.fire(null);
      return [
        ...running.map((lab): LabItem => ({ kind: 'running', lab })),
        ...catalog.filter(({ id }) => !started.has(id)).map((entry): LabItem => ({ kind: 'lab', entry })),
      ];
    } catch (error) {
      this.#failed.fire(error);
      return running.map((lab) => ({ kind: 'running', lab }));
    }
  }

  getTreeItem(element: LabItem): vscode.TreeItem {
    switch (element.kind) {
      case 'lab':
        return labItem(element.entry);
      case 'running':
        return runningItem(element.lab);
      case 'group':
        return groupItem(element);
      case 'step':
        return stepItem(element.lab, element.step);
      case 'check':
        return checkItem(element);
      case 'node':
        return nodeItem(element.lab, element.node);
      case 'fault':
        return faultItem(element.lab, element.fault);
    }
  }
}

function children(lab: RunningLab): LabItem[] {
  const steps = (lab.status?.steps ?? []).map((step): LabItem => ({ kind: 'step', lab, step }));
  return [...steps, { kind: 'group', lab, group: 'nodes' }, { kind: 'group', lab, group: 'faults' }];
}

interface Look {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly icon: string;
  readonly colour?: string;
  readonly context: string;
  readonly state?: vscode.TreeItemCollapsibleState;
  readonly tooltip?: readonly string[];
  /** What the icon says, for who does not see it. */
  readonly spoken?: string;
}

function treeItem(look: Look): vscode.TreeItem {
  const item = new vscode.TreeItem(label(look.label), look.state ?? None);
  item.id = look.id;
  item.description = label(look.description ?? '');
  item.iconPath = new vscode.ThemeIcon(
    look.icon,
    look.colour === undefined ? undefined : new vscode.ThemeColor(look.colour),
  );
  item.contextValue = look.context;
  item.tooltip = tooltip(...(look.tooltip ?? [look.label, look.description ?? '']));
  item.accessibilityInformation = {
    label: [look.label, look.spoken, look.description]
      .filter((part) => part !== undefined && part !== '')
      .map((part) => label(part ?? ''))
      .join(', '),
  };
  return item;
}

const labItem = (entry: CatalogEntry): vscode.TreeItem =>
  treeItem({
    id: `lab/${entry.id}`,
    label: entry.title,
    description: say('{0} min', entry.minutes),
    icon: 'beaker',
    context: 'lab',
    tooltip: [entry.title, entry.summary],
  });

function runningItem(lab: RunningLab): vscode.TreeItem {
  const steps = lab.status?.steps ?? [];
  return treeItem({
    id: `running/${lab.sandbox}`,
    label: lab.title,
    description: say(
      'running · {0} of {1} steps done',
      steps.filter((step) => step.done).length,
      steps.length,
    ),
    icon: 'vm-running',
    colour: 'testing.iconPassed',
    context: 'running',
    state: Expanded,
    tooltip: [lab.title, lab.status?.lab.summary ?? '', lab.sandbox],
  });
}

function groupItem({ lab, group }: { lab: RunningLab; group: 'nodes' | 'faults' }): vscode.TreeItem {
  const nodes = group === 'nodes';
  const open = nodes || lab.status?.currentStep === null;
  return treeItem({
    id: `running/${lab.sandbox}/${group}${open ? '/open' : ''}`,
    label: nodes ? say('Nodes') : say('Faults to find'),
    icon: nodes ? 'server-environment' : 'zap',
    context: group,
    state: open ? Expanded : Collapsed,
  });
}

function stepItem(lab: RunningLab, step: StepStatus): vscode.TreeItem {
  const current = lab.status?.currentStep === step.id;
  return treeItem({
    // VS Code keeps open what was open, by id: the step that becomes the current one opens, the one before closes.
    id: `running/${lab.sandbox}/step/${step.id}${current ? '/current' : ''}`,
    label: step.title,
    icon: step.done ? 'pass-filled' : current ? 'circle-large-filled' : 'circle-large-outline',
    ...(step.done ? { colour: 'testing.iconPassed' } : {}),
    context: 'step',
    spoken: step.done ? say('done') : current ? say('current step') : say('not done yet'),
    state: step.checks.length === 0 ? None : current ? Expanded : Collapsed,
  });
}

const CHECK_ICONS = {
  pass: { icon: 'pass', colour: 'testing.iconPassed' },
  fail: { icon: 'error', colour: 'testing.iconFailed' },
  unknown: { icon: 'question', colour: 'testing.iconUnset' },
} as const;

function checkItem({ lab, step, check }: Extract<LabItem, { kind: 'check' }>): vscode.TreeItem {
  const spoken = { pass: say('passes'), fail: say('fails'), unknown: say('not known yet') };
  return treeItem({
    id: `running/${lab.sandbox}/check/${step}/${check.title}`,
    label: check.title,
    description: check.message,
    ...CHECK_ICONS[check.state],
    context: check.question && check.state !== 'pass' ? 'check askable' : 'check',
    spoken: spoken[check.state],
  });
}

const nodeItem = (lab: RunningLab, node: NodeStatus): vscode.TreeItem =>
  treeItem({
    id: `running/${lab.sandbox}/node/${node.host}/${node.name}`,
    label: node.name,
    icon: 'terminal-linux',
    context: 'node',
    tooltip: [node.endpoint],
  });

const FAULT_ICONS = {
  available: { icon: 'zap' },
  active: { icon: 'flame', colour: 'testing.iconFailed' },
  mended: { icon: 'pass', colour: 'testing.iconPassed' },
} as const;

function faultItem(lab: RunningLab, fault: FaultStatus): vscode.TreeItem {
  const state = { available: '', active: say('broken now'), mended: say('mended') }[fault.state];
  return treeItem({
    id: `running/${lab.sandbox}/fault/${fault.id}`,
    label: fault.title,
    description: fault.state === 'active' ? fault.symptom : state,
    ...FAULT_ICONS[fault.state],
    context: `fault ${fault.state}${fault.question ? ' askable' : ''}`,
    spoken: state,
    tooltip: [fault.title, fault.symptom],
  });
}
