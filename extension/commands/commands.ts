import * as vscode from 'vscode';
import type { Hoplab } from '../hoplab.ts';
import { say } from '../language.ts';
import type { RunningLab } from '../labs/running-lab.ts';
import type { Network } from '../networks/network.ts';
import { toQuestion } from '../networks/question.ts';
import { label } from '../views/labels.ts';
import type { LabItem } from '../views/lab-item.ts';
import type { NetworkItem } from '../views/network-tree.ts';
import type { Row } from '../views/rows.ts';
import { Doctor } from './doctor.ts';
import * as labs from './labs.ts';

/** What the row stands for whose button or menu was used; from the palette: nothing. */
type Target = LabItem | NetworkItem | undefined;

/** What each command of package.json does. */
function handlers(
  hoplab: Hoplab,
  doctor: Doctor,
): Readonly<Record<string, (target: Target) => Promise<unknown>>> {
  const { panels, networks, terminals, commandLine } = hoplab;
  const lab = (target: Target): Promise<RunningLab | undefined> =>
    labs.chooseRunning(hoplab.labs, labOf(target));
  const onLab =
    (action: (lab: RunningLab, target: Target) => Promise<unknown>) =>
    async (target: Target): Promise<void> => {
      const running = await lab(target);
      if (running) await action(running, target);
    };

  return {
    'hoplab.lab.start': async (target) => {
      const entry = isLabItem(target) && target.kind === 'lab' ? target.entry : undefined;
      const started = await labs.startLab(commandLine, hoplab.labs, entry);
      if (started) await panels.guide(started);
    },
    'hoplab.lab.stop': onLab(labs.stopLab),
    'hoplab.lab.reset': onLab((running, target) => labs.resetLab(running, stepOf(target))),
    'hoplab.lab.guide': onLab((running) => panels.guide(running)),
    'hoplab.lab.check': onLab(labs.checkLab),
    'hoplab.lab.hint': onLab(async (running, target) => {
      await (await panels.guide(running)).hint(stepOf(target) ?? undefined);
    }),
    'hoplab.lab.break': onLab((running, target) => labs.breakLab(running, faultOf(target))),
    'hoplab.labs.refresh': async () => {
      await hoplab.labs.scan();
      hoplab.labsTree.refresh();
    },
    'hoplab.terminal': async (target) => {
      const place = placeOf(target) ?? (await pickPlace(hoplab));
      if (place) await terminals.show(place.network, place.endpoint);
    },
    'hoplab.why': async (target) => {
      const question = questionOf(target);
      if (question) return panels.why(question.network, question.question);
      const place = placeOf(target);
      return panels.ask(place?.network ?? networks.current, place ? { from: place.endpoint } : {});
    },
    'hoplab.map': async (target) => {
      await hoplab.labs.watch();
      return panels.map(networkOf(target) ?? networks.current);
    },
    'hoplab.network.refresh': async () => {
      await networks.read(networks.current);
    },
    'hoplab.network.choose': async () => {
      const chosen = await pickNetwork(hoplab);
      if (chosen) networks.choose(chosen);
    },
    'hoplab.diagnosis.recheck': async () => panels.diagnosis?.recheck(),
    'hoplab.diagnosis.apply': async () => panels.diagnosis?.applyFirst(),
    'hoplab.diagnosis.undo': async () => panels.diagnosis?.undo(),
    'hoplab.doctor': () => doctor.show(),
  };
}

/** Registers every command; a failure is shown, never thrown at VS Code. */
export function registerCommands(hoplab: Hoplab): vscode.Disposable {
  const doctor = new Doctor(hoplab.commandLine);
  const registered = Object.entries(handlers(hoplab, doctor)).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (row: Row<LabItem | NetworkItem> | undefined) => {
      try {
        await handler(row?.item);
      } catch (error) {
        hoplab.report(error);
      }
    }),
  );
  return vscode.Disposable.from(doctor, ...registered);
}

const isLabItem = (target: Target): target is LabItem => target !== undefined && 'kind' in target;
const isNetworkItem = (target: Target): target is NetworkItem => target !== undefined && 'network' in target;

function labOf(target: Target): RunningLab | undefined {
  return isLabItem(target) && target.kind !== 'lab' ? target.lab : undefined;
}

function stepOf(target: Target): string | null {
  if (!isLabItem(target)) return null;
  if (target.kind === 'step') return target.step.id;
  return target.kind === 'check' ? target.step : null;
}

function faultOf(target: Target): string | undefined {
  return isLabItem(target) && target.kind === 'fault' ? target.fault.id : undefined;
}

function networkOf(target: Target): Network | undefined {
  return isNetworkItem(target) ? target.network : labOf(target)?.network;
}

interface Place {
  readonly network: Network;
  readonly endpoint: string;
}

function placeOf(target: Target): Place | undefined {
  if (isNetworkItem(target))
    return target.node.endpoint === null
      ? undefined
      : { network: target.network, endpoint: target.node.endpoint };
  return isLabItem(target) && target.kind === 'node'
    ? { network: target.lab.network, endpoint: target.node.endpoint }
    : undefined;
}

function questionOf(target: Target) {
  if (!isLabItem(target)) return undefined;
  const asked =
    target.kind === 'check' ? target.check.question : target.kind === 'fault' ? target.fault.question : null;
  const running = labOf(target);
  return asked && running ? { network: running.network, question: toQuestion(asked) } : undefined;
}

async function pickPlace(hoplab: Hoplab): Promise<Place | undefined> {
  await hoplab.labs.watch();
  const network = hoplab.networks.current;
  const topology = network.topology ?? (await hoplab.networks.read(network));
  const items = (topology?.nodes ?? []).flatMap((node) =>
    node.endpoint === null ? [] : [{ label: label(node.label), endpoint: node.endpoint }],
  );
  const picked = await vscode.window.showQuickPick(items, { title: say('Open a terminal where?') });
  return picked && { network, endpoint: picked.endpoint };
}

async function pickNetwork(hoplab: Hoplab): Promise<Network | undefined> {
  await hoplab.labs.watch();
  const items = hoplab.networks.all.map((network) => ({ label: label(network.title), network }));
  return (await vscode.window.showQuickPick(items, { title: say('Look at which network?') }))?.network;
}
