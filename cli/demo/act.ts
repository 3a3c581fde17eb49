import type { Language } from '../../diagnostics/model/language.ts';
import { plannedSteps } from '../../diagnostics/question/apply.ts';
import { shellWord } from '../../diagnostics/model/shell-word.ts';
import { commandLine } from '../../diagnostics/report/command.ts';
import { diagnosisText } from '../../diagnostics/report/text.ts';
import type { LabFault } from '../../labs/format/lab-schema.ts';
import { joinWords } from '../../labs/format/words.ts';
import type { SessionClient } from '../../labs/session/client.ts';
import { namedCauses, namesFault, placeOf } from '../../labs/session/named-cause.ts';
import { withProgress } from '../progress.ts';
import { textOptions } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { openLabQuestion } from '../why-in-lab.ts';
import type { Stage } from './stage.ts';
import { DEMO_WORDS } from './words.ts';

export interface Act {
  readonly fault: LabFault;
  /** What led to it, as somebody would tell who asks for help. */
  readonly story: string;
  /** The name of the running sandbox. */
  readonly lab: string;
}

/**
 * Breaks the network, lets `why` explain, shows what had been done, applies the fix, and asks again.
 * @returns whether `why` named the cause and its fix helped
 */
export async function playAct(
  { fault, story, lab }: Act,
  client: SessionClient,
  terminal: Terminal,
  language: Language,
  stage: Stage,
): Promise<boolean> {
  const words = DEMO_WORDS[language];
  const show = (diagnosis: Parameters<typeof diagnosisText>[0]): void =>
    stage.lines(diagnosisText(diagnosis, textOptions(terminal, language)));
  const { signal } = terminal;

  stage.prose(story);
  const { nodes, faults } = await withProgress(terminal, words.breaking, () =>
    client.request('break', { language, fault: fault.id }, signal),
  );
  const asked = faults.find(({ id }) => id === fault.id)?.question;
  if (!asked) throw new Error(`the symptom of ${fault.id} is no question of reachability`);
  const question = await openLabQuestion(lab, asked, language, {});
  try {
    const { from, to, port } = asked;
    stage.prompt(['hoplab', 'why', from, port === null ? to : `${to}:${port}`].map(shellWord).join(' '));
    const diagnosis = await withProgress(terminal, words.asking, () => question.ask(true, signal));
    show(diagnosis);

    stage.commands(
      words.broke,
      fault.inject.map(({ node, run }) => `${node}# ${joinWords(run)}`),
    );
    if (!namesFault(diagnosis, fault, nodes)) {
      stage.bad(words.missed(`${fault.cause} (${placeOf(fault, nodes)})`, namedCauses(diagnosis)));
      return false;
    }
    stage.good(words.found(fault.cause, placeOf(fault, nodes)));

    stage.commands(
      words.mend,
      plannedSteps(diagnosis, {}).map((step) => `$ ${commandLine(step)}`),
    );
    const mended = await withProgress(terminal, words.mending, () => question.apply());
    show(mended.diagnosis);
    const works = mended.kept && mended.diagnosis.verdict === 'reachable';
    if (!works) stage.bad(words.notMended);
    return works;
  } finally {
    question.close();
  }
}
