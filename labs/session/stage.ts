import type { Localised } from '../../diagnostics/model/language.ts';
import { diagnosisMarkdown } from '../../diagnostics/report/markdown.ts';
import type { Lab } from '../format/lab-schema.ts';
import { Captures } from './capture.ts';
import { Checker } from './checker.ts';
import type { LabEngine } from './engine.ts';
import type { LabNetwork } from './network.ts';
import { openEngine } from './open-engine.ts';
import { Bell } from './patience.ts';
import { Refusal } from './refusal.ts';
import { openShells } from './shell.ts';
import { watchNetwork, type Watch } from './watch.ts';

/** What exists while a lab runs, and is replaced as a whole by a reset. */
export interface Stage {
  readonly network: LabNetwork;
  readonly engine: LabEngine;
  readonly checker: Checker;
  readonly watch: Watch;
  /** Rings when the network may have changed. */
  readonly bell: Bell;
}

export interface StageOptions {
  /** The network may have changed. */
  readonly changed: () => void;
  readonly looking: () => boolean;
}

/**
 * Brings a lab's network, as it was built, to where a learner is: by the solutions of all steps before.
 * @param at a step's id; null: after the last
 */
export async function buildStage(
  lab: Lab,
  network: LabNetwork,
  at: string | null,
  options: StageOptions,
): Promise<Stage> {
  const engine = openEngine(network.hosts);
  const bell = new Bell();
  const changed = (): void => {
    bell.ring();
    options.changed();
  };
  const checker = new Checker(network, engine, new Captures(changed));
  for (const step of lab.steps) {
    if (step.id === at) break;
    for (const { node, run } of step.solution) await network.run(node, run);
  }
  await openShells(network);
  return { network, engine, checker, bell, watch: watchNetwork(network, changed, options.looking) };
}

/** The way of a packet, in Markdown, as the last question of reachability that the lab asks finds it. */
export async function describeWay(lab: Lab, { checker }: Stage): Promise<Localised | null> {
  const check = lab.steps.flatMap((step) => step.checks).findLast(({ kind }) => kind === 'reach');
  const question = check && checker.question(check);
  if (!question) return null;
  try {
    const diagnosis = await checker.context().ask(question, true, 'en');
    return { en: diagnosisMarkdown(diagnosis, 'en'), 'zh-cn': diagnosisMarkdown(diagnosis, 'zh-cn') };
  } catch (error) {
    // The learner has taken an end of it away meanwhile.
    if (error instanceof Refusal) return null;
    throw error;
  }
}
