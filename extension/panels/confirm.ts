import * as vscode from 'vscode';
import type { FixStep } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { say } from '../language.ts';
import type { ApplyRequest, Network } from '../networks/network.ts';

/** Shows the exact commands; nothing runs without this yes. */
export async function confirmApply(
  network: Network,
  request: ApplyRequest,
): Promise<'yes' | 'as-root' | 'no'> {
  const asRoot = network.permission() === 'needs-root';
  const fixes = network.fixesOf(request);
  const yes = asRoot ? say('Run with sudo in a terminal') : say('Apply');
  const sideEffects = fixes.flatMap((fix) => fix.sideEffects).map((effect) => displayText(effect));
  const detail = [
    say('These commands will run on {0}:', displayText(network.title)),
    ...fixes.flatMap((fix) => fix.steps.map(stepText)),
    ...(sideEffects.length === 0 ? [] : ['', say('Side effects:'), ...sideEffects]),
    '',
    say('Everything is put back if the packet gets no further. You can undo it later.'),
  ].join('\n');
  const title = displayText(fixes.map((fix) => fix.title).join('; '));
  const chosen = await vscode.window.showWarningMessage(title, { modal: true, detail }, yes);
  return chosen !== yes ? 'no' : asRoot ? 'as-root' : 'yes';
}

export async function confirmUndo(network: Network, request: ApplyRequest): Promise<boolean> {
  const undo = say('Undo');
  const steps = network
    .fixesOf(request)
    .toReversed()
    .flatMap((fix) => fix.undo.map(stepText));
  const detail = [say('These commands will run on {0}:', displayText(network.title)), ...steps].join('\n');
  const chosen = await vscode.window.showWarningMessage(
    say('Take back the fix?'),
    { modal: true, detail },
    undo,
  );
  return chosen === undo;
}

/** A step as it could be typed, with the place where it runs. */
function stepText(step: FixStep): string {
  const words = step.argv
    .map((word) => displayText(word))
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word)));
  return `${step.namespace === null ? '' : `${displayText(step.namespace)}: `}${words.join(' ')}`;
}
