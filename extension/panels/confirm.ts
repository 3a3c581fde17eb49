import * as vscode from 'vscode';
import type { Fix, FixStep } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { commandLine } from '../../diagnostics/report/command.ts';
import { say } from '../language.ts';
import type { ApplyRequest, Network } from '../networks/network.ts';

/** Shows the exact commands; nothing runs without this yes. */
export async function confirmApply(
  network: Network,
  request: ApplyRequest,
): Promise<'yes' | 'as-root' | 'no'> {
  const fix = fixOf(request);
  if (!fix) return 'no';
  const asRoot = network.permission() === 'needs-root';
  const yes = asRoot ? say('Run with sudo in a terminal') : say('Apply');
  const detail = [
    ...commands(network, fix.steps),
    ...(fix.sideEffects.length === 0 ? [] : ['', say('Side effects:')]),
    ...fix.sideEffects.map((effect) => displayText(effect)),
    ...otherFlows(fix),
    '',
    say('Everything is put back if the packet gets no further. You can undo it later.'),
  ].join('\n');
  const chosen = await vscode.window.showWarningMessage(displayText(fix.title), { modal: true, detail }, yes);
  return chosen !== yes ? 'no' : asRoot ? 'as-root' : 'yes';
}

/** Only where other flows change: a dialogue is for what one has to know. */
const otherFlows = ({ otherFlows: flows }: Fix): readonly string[] =>
  flows === undefined || flows.opens.length + flows.closes.length === 0
    ? []
    : ['', say('Other flows:'), ...flows.text.map((line) => displayText(line))];

/** Shows the commands that take a fix back. */
export async function confirmUndo(network: Network, request: ApplyRequest): Promise<boolean> {
  const undo = say('Undo');
  const detail = commands(network, fixOf(request)?.undo ?? []).join('\n');
  const title = say('Take back the fix?');
  return (await vscode.window.showWarningMessage(title, { modal: true, detail }, undo)) === undo;
}

const fixOf = ({ diagnosis, cause, fix }: ApplyRequest): Fix | undefined =>
  diagnosis.causes[cause]?.fixes[fix];

const commands = (network: Network, steps: readonly FixStep[]): readonly string[] => [
  say('These commands will run on {0}:', displayText(network.title)),
  ...steps.map(commandLine),
];
