import * as vscode from 'vscode';
import type { LabStatus } from '../../labs/session/protocol.ts';
import { language, say } from '../language.ts';
import type { CatalogEntry } from '../labs/catalog.ts';
import type { Labs } from '../labs/labs.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import type { CommandLine } from '../command-line.ts';
import { Problem } from '../problem.ts';
import { withProgress } from '../progress.ts';
import { label } from '../views/labels.ts';

/** Starts a lab (asks which where it is not said) and resolves to it once it answers. */
export async function startLab(
  commandLine: CommandLine,
  labs: Labs,
  known?: CatalogEntry,
): Promise<RunningLab | undefined> {
  const entry = known ?? (await pickLab(labs));
  if (!entry) return undefined;
  return withProgress(say('Starting the lab "{0}"', entry.title), async (signal) => {
    const status = (await commandLine.json(['lab', 'start', entry.id], signal)) as LabStatus;
    await labs.watch();
    await labs.scan();
    const started = labs.find(status.sandbox);
    if (!started) throw new Problem(say('The lab "{0}" ended right after its start.', entry.title), 'doctor');
    return started;
  });
}

async function pickLab(labs: Labs): Promise<CatalogEntry | undefined> {
  const items = (await labs.catalog()).map((entry) => ({
    label: label(entry.title),
    description: say('{0} min', entry.minutes),
    detail: label(entry.summary),
    entry,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: say('Start which lab?'),
    matchOnDetail: true,
  });
  return picked?.entry;
}

/** The lab that a command means: the one it was called on, the only one, or the one the user picks. */
export async function chooseRunning(labs: Labs, known?: RunningLab): Promise<RunningLab | undefined> {
  await labs.watch();
  if (known) return known;
  if (labs.running.length === 0) throw new Problem(say('No lab is running. Start one from the Labs view.'));
  if (labs.running.length === 1) return labs.running[0];
  const items = labs.running.map((lab) => ({
    label: label(lab.title),
    description: label(lab.sandbox),
    lab,
  }));
  return (await vscode.window.showQuickPick(items, { title: say('Which lab?') }))?.lab;
}

/** Stops a lab after the user agreed: what was built in it is gone. */
export async function stopLab(lab: RunningLab): Promise<void> {
  const stop = say('Stop the lab');
  const chosen = await vscode.window.showWarningMessage(
    say('Stop the lab "{0}"?', label(lab.title)),
    {
      modal: true,
      detail: say('Its network and everything you made in it is removed. Your progress is kept.'),
    },
    stop,
  );
  if (chosen !== stop) return;
  await withProgress(say('Stopping the lab'), () => lab.request('stop', {}));
}

/** Puts a lab, or what a step starts from, back after the user agreed. */
export async function resetLab(lab: RunningLab, step: string | null): Promise<void> {
  const reset = say('Reset');
  const title = lab.status?.steps.find((one) => one.id === step)?.title;
  const question =
    title === undefined
      ? say('Reset the lab "{0}" to its start?', label(lab.title))
      : say('Reset the lab to the start of the step "{0}"?', label(title));
  const detail = say('What you made in the lab since then is removed.');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, reset)) !== reset) return;
  await withProgress(say('Resetting the lab'), () =>
    lab.act('reset', { language: language(), ...(step === null ? {} : { step }) }),
  );
}

/** Checks every step now. */
export async function checkLab(lab: RunningLab): Promise<void> {
  await withProgress(say('Checking'), () => lab.act('check', { language: language() }));
}

/** Breaks the learner's network on purpose (asks how where it is not said). */
export async function breakLab(lab: RunningLab, known?: string): Promise<void> {
  const fault = known ?? (await pickFault(lab));
  if (fault === undefined) return;
  await withProgress(say('Breaking the network'), () => lab.act('break', { language: language(), fault }));
}

async function pickFault(lab: RunningLab): Promise<string | undefined> {
  const faults = (lab.status?.faults ?? []).filter((fault) => fault.state !== 'active');
  if (faults.length === 0) throw new Problem(say('This lab has no fault left to inject.'));
  const items = faults.map((fault) => ({ label: label(fault.title), id: fault.id }));
  return (await vscode.window.showQuickPick(items, { title: say('Break it how?') }))?.id;
}
