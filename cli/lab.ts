import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { labContext } from './lab/context.ts';
import { lifecycleActions } from './lab/lifecycle.ts';
import { proveActions } from './lab/prove.ts';
import { runningActions } from './lab/running.ts';

const EXAMPLES = `
Examples:
  hoplab lab start router         start lab 13, "A router", where you left it
  hoplab lab guide                what to do, and why
  hoplab lab shell red            a terminal in its node red
  hoplab lab check                what holds, and what does not yet
  hoplab lab hint                 where to look next
  hoplab lab break morning-after  break it on purpose
  hoplab why --lab router red 10.0.2.2:80
  hoplab lab stop                 remove it; your progress stays

Exit status: 0 done; 1 refused, or a check fails; 64 wrong usage; 70 a defect of Hoplab;
130 stopped.`;

/** Adds `hoplab lab …`. */
export function registerLab(context: CommandContext): void {
  const { program } = context;
  const root = program
    .command('lab')
    .summary('real networks to learn with, in a sandbox of their own')
    .description(
      'Real networks to learn with, in a sandbox of their own: they run without root, and this machine’s network is out of their reach.',
    );
  root.addHelpText('after', EXAMPLES);
  const lab = labContext(context);
  const act = { ...lifecycleActions(lab), ...runningActions(lab), ...proveActions(lab) };

  const command = (usage: string, summary: string, examples: readonly string[]): Command =>
    root
      .command(usage)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .addHelpText('after', `\nExamples:\n${examples.map((line) => `  hoplab lab ${line}\n`).join('')}`);
  const running = (usage: string, summary: string, examples: readonly string[]): Command =>
    command(usage, summary, examples)
      .option('--lab <name>', 'which running lab, where there are several')
      .option('--json', 'print data');

  command('list', 'the labs there are, and how far you are', ['list', 'list --json'])
    .option('--json', 'print data')
    .action(act.list);
  command('start <lab>', 'start a lab (its id, its number, or a directory with a lab.yaml)', [
    'start router',
    'start 13 --fresh',
    'start ./my-lab',
  ])
    .option('--another', 'beside one that runs already')
    .option('--fresh', 'from the beginning, also where you have got further')
    .option('--json', 'print data')
    .action(act.start);
  running('status', 'the steps, and where you are', ['status', 'status --lab router-2']).action(act.status);
  running('check', 'look at everything again, with real packets', ['check', 'check --json']).action(
    act.check,
  );
  running('guide [part]', 'what to do and why: the text of where you are', [
    'guide',
    'guide way-back',
  ]).action(act.guide);
  running('hint [step]', 'the next hint', ['hint', 'hint way-back']).action(act.hint);
  running('solve [step]', 'the solution of a step', ['solve', 'solve --run'])
    .option('--run', 'and carry it out')
    .action(act.solve);
  running('break <fault>', 'make a fault in the network, to find and mend', ['break morning-after']).action(
    act.break,
  );
  running('reset [step]', 'back to the beginning, or to the start of a step', [
    'reset',
    'reset way-back',
  ]).action(act.reset);
  command('shell <node>', 'a terminal in a node', ['shell red', 'shell red --lab router-2'])
    .option('--lab <name>', 'which running lab, where there are several')
    .action(act.shell);
  command('stop [lab]', 'remove a running lab; your progress stays', ['stop', 'stop --all'])
    .option('--all', 'all of them')
    .option('--json', 'print data')
    .action(act.stop);
  command('test [lab]', 'prove that a lab can be solved and its faults be found (for authors)', [
    'test ./my-lab',
    'test --all',
  ])
    .option('--all', 'every lab of the catalogue')
    .option('--json', 'print data')
    .action(act.test);
}
