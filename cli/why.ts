import { Option } from 'commander';
import type { Diagnosis, FixStep } from '../diagnostics/model/diagnosis.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import type { Protocol } from '../diagnostics/model/flow.ts';
import type { Language } from '../diagnostics/model/language.ts';
import { applyFixes, plannedSteps } from '../diagnostics/question/apply.ts';
import { parsePort } from '../diagnostics/question/endpoint-text.ts';
import type { Snapshot } from '../diagnostics/model/snapshot.ts';
import type { Question } from '../diagnostics/question/question.ts';
import { stepRunner } from '../diagnostics/question/run-step.ts';
import { exitStatus } from '../diagnostics/question/verdict.ts';
import { commandLine } from '../diagnostics/report/command.ts';
import { diagnosisMarkdown } from '../diagnostics/report/markdown.ts';
import { diagnosisText } from '../diagnostics/report/text.ts';
import { said } from '../diagnostics/sayings/sayings.ts';
import { why } from '../diagnostics/why.ts';
import type { CommandContext } from './command-context.ts';
import { openSource, type OpenedSource } from './engine-source.ts';
import { CommandError, EXIT } from './exit.ts';
import { fileName } from './file-option.ts';
import { jsonText } from './json-text.ts';
import { withProgress } from './progress.ts';
import { asCommandError } from './question-problem.ts';
import { chosenLanguage, textOptions } from './style.ts';
import type { Terminal } from './terminal.ts';
import { APPLY_WORDS } from './apply-words.ts';

interface Options {
  readonly proto?: Protocol;
  readonly port?: string;
  readonly size?: string;
  readonly interface?: string;
  readonly json?: true;
  readonly markdown?: true;
  readonly probe: boolean;
  readonly apply?: true;
  readonly yes?: true;
  readonly fromSnapshot?: string;
  readonly saveCase?: string;
  readonly lab?: string;
  readonly lang?: string;
}

const HELP = `
FROM and TO are one of
  host                         this machine
  netns:NAME, container:NAME   a named network namespace, a container
  docker:NAME, podman:NAME     of several engines, the container of that one
  pid:N, fd:N.M                where that process is; what it has open as its file M
  10.0.0.2, fd00::2, NAME      an address, or a name as FROM resolves it (TO only)
  outside[:IP][@INTERFACE]     a client elsewhere whose packet comes in there (FROM only)
A bare word is a container, else a namespace, else a name. TO may end in :PORT or :PORT/udp;
[ADDRESS]:PORT for IPv6. HOST/END where there are several hosts.

Examples:
  hoplab why web db:5432                     can the container web reach db's port 5432?
  hoplab why host 10.0.0.2                   ping
  hoplab why netns:red container:web:80 --apply
  hoplab why outside@eth0 192.168.1.10:8080  a published port, from the LAN
  hoplab why host 10.9.0.2 --interface vrf-blue  from inside a VRF
  hoplab why web db:5432 --json > why.json
  hoplab why web db:5432 --save-case case.json; hoplab why --from-snapshot case.json

Exit status: 0 reachable, 1 unreachable or partly, 2 cannot tell, 64 wrong usage,
70 a defect of Hoplab, 130 stopped.`;

/** Adds `hoplab why FROM TO`. */
export function registerWhy(context: CommandContext): void {
  context.program
    .command('why')
    .summary('why FROM cannot reach TO, with evidence and a proven fix')
    .description(
      'Why can FROM not reach TO? The packet’s way there and back, what stops it, and a fix that is proven before it is offered.',
    )
    .argument('[from]', 'where the packet starts; left out for a file that “--save-case” wrote')
    .argument('[to]', 'where it should get to; in a terminal of a lab’s node FROM may be left out')
    .addOption(
      new Option('--proto <protocol>', 'default: tcp where there is a port, else icmp').choices([
        'tcp',
        'udp',
        'icmp',
      ]),
    )
    .option('--port <n>', 'the port of TO')
    .option('--size <bytes>', 'whether packets of so many bytes pass whole (headers included)')
    .option('--interface <name>', 'what FROM sends is bound to this interface, or VRF, of its own')
    .option('--json', 'one JSON object')
    .addOption(new Option('--markdown', 'for a ticket').conflicts('json'))
    .option('--no-probe', 'do not ask the kernel: follow the facts only')
    .option('--apply', 'run the first fix of each cause, after asking; taken back where it does not help')
    .option('--yes', 'with --apply: do not ask')
    .option(
      '--from-snapshot <file>',
      'facts of a file that “hoplab snapshot” wrote; - is standard input',
      fileName,
    )
    .option(
      '--save-case <file>',
      'all facts, the question and the answer in one file, to be asked again elsewhere',
      fileName,
    )
    .option('--lab <id>', 'ask about a running lab')
    .option('--lang <language>', 'en or zh-cn; default: HOPLAB_LANGUAGE, or the locale')
    .addHelpText('after', HELP)
    .action(async (from: string | undefined, to: string | undefined, options: Options) => {
      try {
        await run(context, from, to, options);
      } catch (error) {
        // A --lang that is none is told in the language of the environment.
        const { lang } = options;
        const known = lang !== undefined && /^(en|zh-cn)$/i.test(lang);
        throw asCommandError(error, chosenLanguage(known ? lang : undefined, context.terminal));
      }
    });
}

async function run(
  { terminal, exitWith }: CommandContext,
  first: string | undefined,
  second: string | undefined,
  options: Options,
): Promise<void> {
  const language = chosenLanguage(options.lang, terminal);
  if (options.yes && !options.apply) throw new CommandError('--yes goes with --apply', EXIT.usage);
  if (options.apply && options.fromSnapshot !== undefined)
    throw new CommandError('A snapshot cannot be mended: leave out --apply, or --from-snapshot', EXIT.usage);
  const question = await questionOf(first, second, options, terminal);
  if (options.fromSnapshot === undefined && (options.lab ?? terminal.env['HOPLAB_LAB']) !== undefined) {
    const verdict = await whyInLab(question, options, terminal, language);
    exitWith(exitStatus(verdict));
    return;
  }
  const opened = await openSource(options.fromSnapshot, terminal.signal);
  if (options.saveCase !== undefined) {
    const { factsForCase, writeCase } = await import('./case-file.ts');
    const kept = await withProgress(terminal, APPLY_WORDS[language].asking, async () => {
      const { source, snapshot } = await factsForCase(opened.source, terminal.signal);
      const { probe } = options;
      const asking = { language, probe, otherFlows: true, signal: terminal.signal };
      const diagnosis = await why(source, question, asking);
      return { diagnosis, snapshot };
    });
    const said = await writeCase(options.saveCase, kept.snapshot, question, kept.diagnosis, language);
    print(kept.diagnosis, terminal, language, options);
    terminal.stderr(said);
    exitWith(exitStatus(kept.diagnosis.verdict));
    return;
  }
  const ask = (probe: boolean, signal?: AbortSignal, otherFlows = false): Promise<Diagnosis> =>
    why(opened.source, question, { language, probe, otherFlows, ...(signal ? { signal } : {}) });

  let diagnosis = await withProgress(terminal, APPLY_WORDS[language].asking, () =>
    ask(options.probe, terminal.signal, true),
  );
  if (options.apply) {
    if (!options.json) print(diagnosis, terminal, language, options);
    const mended = await apply(diagnosis, opened, ask, terminal, language, options.yes === true);
    terminal.signal.throwIfAborted();
    if (mended !== null || options.json) print(mended ?? diagnosis, terminal, language, options);
    diagnosis = mended ?? diagnosis;
  } else print(diagnosis, terminal, language, options);
  exitWith(exitStatus(diagnosis.verdict));
}

/** What the words say; none at all: what a case file was saved for. */
async function questionOf(
  first: string | undefined,
  second: string | undefined,
  options: Options,
  { env }: Terminal,
): Promise<Question> {
  const { proto, fromSnapshot, saveCase, apply } = options;
  if (saveCase !== undefined && (apply || fromSnapshot !== undefined))
    throw new CommandError(
      '--save-case keeps facts as they are: leave out --apply and --from-snapshot',
      EXIT.usage,
    );
  if (first === undefined) {
    const { questionOfCase } = await import('./case-file.ts');
    const saved = fromSnapshot === undefined ? null : await questionOfCase(fromSnapshot);
    if (saved) return saved;
    throw new CommandError("missing required argument 'from'", EXIT.usage);
  }
  const [from, to] = second === undefined ? [env['HOPLAB_FROM'], first] : [first, second];
  if (from === undefined) throw new CommandError("missing required argument 'to'", EXIT.usage);
  const port = options.port === undefined ? null : parsePort(options.port);
  const size = options.size === undefined ? {} : { size: Number(options.size) };
  const device = options.interface === undefined ? {} : { device: options.interface };
  return { from, to, protocol: proto ?? null, port, ...size, ...device };
}

/** The lab's session is asked: the lab's network is out of our own sight. */
async function whyInLab(
  question: Question,
  options: Options,
  terminal: Terminal,
  language: Language,
): Promise<Diagnosis['verdict']> {
  const { openLabQuestion } = await import('./why-in-lab.ts');
  const words = APPLY_WORDS[language];
  const lab = await openLabQuestion(options.lab, question, language, terminal.env);
  try {
    const facts = options.saveCase === undefined ? null : await factsOfLab(options.lab, terminal);
    let diagnosis = await withProgress(terminal, words.asking, () => lab.ask(options.probe, terminal.signal));
    if (facts !== null && options.saveCase !== undefined) {
      const { writeCase } = await import('./case-file.ts');
      terminal.stderr(await writeCase(options.saveCase, facts, question, diagnosis, language));
    }
    if (options.apply) {
      if (!options.json) print(diagnosis, terminal, language, options);
      const agreed = await agreedTo(diagnosis, terminal, language, options.yes === true);
      if (agreed) {
        const mended = await lab.apply();
        terminal.stderr(`${words.outcome[mended.kept ? 'works' : 'undone']}\n`);
        diagnosis = mended.diagnosis;
      }
      if (agreed || options.json) print(diagnosis, terminal, language, options);
    } else print(diagnosis, terminal, language, options);
    return diagnosis.verdict;
  } finally {
    lab.close();
  }
}

/** As the lab's session reads them, right before it is asked. */
async function factsOfLab(name: string | undefined, terminal: Terminal): Promise<Snapshot> {
  const { snapshotOfLab } = await import('./snapshot-of-lab.ts');
  return snapshotOfLab(name, terminal);
}

function print(
  diagnosis: Diagnosis,
  terminal: Terminal,
  language: Language,
  { json, markdown }: Options,
): void {
  if (json) terminal.stdout(jsonText(diagnosis));
  else if (markdown) terminal.stdout(diagnosisMarkdown(diagnosis, language));
  else terminal.stdout(diagnosisText(diagnosis, textOptions(terminal, language)));
}

/** Shows, asks, runs; everything is taken back unless it helped. What happens goes to stderr. null: nothing was run. */
async function apply(
  diagnosis: Diagnosis,
  { source, machine }: OpenedSource,
  ask: (probe: boolean, signal?: AbortSignal) => Promise<Diagnosis>,
  terminal: Terminal,
  language: Language,
  yes: boolean,
): Promise<Diagnosis | null> {
  const words = APPLY_WORDS[language];
  const say = (line: string): void => terminal.stderr(`${displayText(line)}\n`);
  if (machine === null || !(await agreedTo(diagnosis, terminal, language, yes))) return null;
  const result = await applyFixes(diagnosis, {
    ask,
    run: stepRunner(machine, await source.discover()),
    signal: terminal.signal,
    onStep: (step, undoing) => say(`${undoing ? words.undoing : words.running}${stepLine(step)}`),
  });
  if (result.problem !== null) say(said(result.problem, language));
  say(words.outcome[result.outcome]);
  for (const step of result.undo) say(`${words.takeBack}${stepLine(step)}`);
  return result.diagnosis;
}

/** Shows what would run, and asks; false too where there is nothing to mend. */
async function agreedTo(
  diagnosis: Diagnosis,
  terminal: Terminal,
  language: Language,
  yes: boolean,
): Promise<boolean> {
  const words = APPLY_WORDS[language];
  const say = (line: string): void => terminal.stderr(`${displayText(line)}\n`);
  const steps = plannedSteps(diagnosis, {});
  if (diagnosis.verdict === 'reachable') return false;
  if (steps.length === 0) {
    say(words.nothing);
    return false;
  }
  say(words.plan);
  for (const step of steps) say(`  $ ${stepLine(step)}`);
  if (yes || (await agreed(terminal, words.question))) return true;
  say(words.declined);
  return false;
}

const stepLine = (step: FixStep): string => commandLine(step);

async function agreed(terminal: Terminal, question: string): Promise<boolean> {
  if (!terminal.interactive.stdin)
    throw new CommandError(
      '--apply asks before it runs anything, and nobody can answer here: add --yes',
      EXIT.usage,
    );
  const answer = await terminal.ask(question, terminal.signal);
  return answer !== null && /^(y|yes|是|好)$/i.test(answer.trim());
}
