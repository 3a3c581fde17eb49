import type { FaultStatus, NodeStatus, StepStatus } from '../../labs/session/protocol.ts';
import { say } from '../language.ts';
import type { CatalogEntry } from '../labs/catalog.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import type { LabItem } from './lab-item.ts';
import type { Look } from './look.ts';

/** How each row of the tree of labs looks. */
export function lookOfLab(item: LabItem): Look {
  switch (item.kind) {
    case 'lab':
      return labLook(item.entry);
    case 'running':
      return runningLook(item.lab);
    case 'group':
      return groupLook(item);
    case 'step':
      return stepLook(item.lab, item.step);
    case 'check':
      return checkLook(item);
    case 'node':
      return nodeLook(item.lab, item.node);
    case 'fault':
      return faultLook(item.lab, item.fault);
  }
}

const labLook = (entry: CatalogEntry): Look => ({
  id: `lab/${entry.id}`,
  label: entry.title,
  description: say('{0} min', entry.minutes),
  icon: 'beaker',
  context: 'lab',
  tooltip: [entry.title, entry.summary],
});

function runningLook(lab: RunningLab): Look {
  const steps = lab.status?.steps ?? [];
  return {
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
    opens: 'open',
    tooltip: [lab.title, lab.status?.lab.summary ?? '', lab.sandbox],
  };
}

function groupLook({ lab, group }: { lab: RunningLab; group: 'nodes' | 'faults' }): Look {
  const nodes = group === 'nodes';
  const open = nodes || lab.status?.currentStep === null;
  return {
    id: `running/${lab.sandbox}/${group}`,
    variant: open ? 'open' : 'closed',
    label: nodes ? say('Nodes') : say('Faults to find'),
    icon: nodes ? 'server-environment' : 'zap',
    context: group,
    opens: open ? 'open' : 'closed',
  };
}

function stepLook(lab: RunningLab, step: StepStatus): Look {
  const current = lab.status?.currentStep === step.id;
  return {
    id: `running/${lab.sandbox}/step/${step.id}`,
    // The step that becomes the current one opens, the one before closes.
    variant: current ? 'current' : 'other',
    label: step.title,
    icon: step.done ? 'pass-filled' : current ? 'circle-large-filled' : 'circle-large-outline',
    ...(step.done ? { colour: 'testing.iconPassed' } : {}),
    context: 'step',
    spoken: step.done ? say('done') : current ? say('current step') : say('not done yet'),
    ...(step.checks.length === 0 ? {} : { opens: current ? 'open' : 'closed' }),
  };
}

const CHECK_ICONS = {
  pass: { icon: 'pass', colour: 'testing.iconPassed' },
  fail: { icon: 'error', colour: 'testing.iconFailed' },
  unknown: { icon: 'question', colour: 'testing.iconUnset' },
} as const;

function checkLook({ lab, step, check }: Extract<LabItem, { kind: 'check' }>): Look {
  const spoken = { pass: say('passes'), fail: say('fails'), unknown: say('not known yet') };
  return {
    id: `running/${lab.sandbox}/check/${step}/${check.title}`,
    label: check.title,
    description: check.message,
    ...CHECK_ICONS[check.state],
    context: check.question && check.state !== 'pass' ? 'check askable' : 'check',
    spoken: spoken[check.state],
  };
}

const nodeLook = (lab: RunningLab, node: NodeStatus): Look => ({
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

function faultLook(lab: RunningLab, fault: FaultStatus): Look {
  const state = { available: '', active: say('broken now'), mended: say('mended') }[fault.state];
  return {
    id: `running/${lab.sandbox}/fault/${fault.id}`,
    label: fault.title,
    description: fault.state === 'active' ? fault.symptom : state,
    ...FAULT_ICONS[fault.state],
    context: `fault ${fault.state}${fault.question ? ' askable' : ''}`,
    spoken: state,
    tooltip: [fault.title, fault.symptom],
  };
}
