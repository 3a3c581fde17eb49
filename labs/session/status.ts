import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language, Localised } from '../../diagnostics/model/language.ts';
import type { Check } from '../format/check-schema.ts';
import type { LabFault, LabStep } from '../format/lab-schema.ts';
import type { LoadedLab } from '../format/load.ts';
import type { Checker } from './checker.ts';
import type { LabNetwork } from './network.ts';
import type { Progress } from './progress.ts';
import type { CheckStatus, FaultStatus, LabStatus } from './protocol.ts';

/** What there is to tell of a session. */
export interface Told {
  readonly loaded: LoadedLab;
  readonly sandbox: string;
  readonly progress: Progress;
  readonly activeFault: LabFault | null;
  readonly currentStep: LabStep | null;
  /** The way of a packet through the finished network, in Markdown. */
  readonly way: Localised | null;
  /** null while the lab is set up. */
  readonly running: { readonly network: LabNetwork; readonly checker: Checker } | null;
}

/** What a client shows of a running lab. */
export function describeStatus(told: Told, language: Language): LabStatus {
  const { loaded, progress, activeFault, currentStep, running } = told;
  const { lab } = loaded;
  return {
    lab: {
      id: lab.id,
      title: lab.title[language],
      summary: lab.summary[language],
      minutes: lab.minutes,
    },
    sandbox: told.sandbox,
    state: running === null ? 'starting' : currentStep === null ? 'finished' : 'running',
    nodes: [...(running?.network.nodes.values() ?? [])].map(({ name, endpoint, host }) => ({
      name,
      endpoint,
      host,
    })),
    steps: lab.steps.map((step) => ({
      id: step.id,
      title: step.title[language],
      done: progress.done.includes(step.id),
      checks: step.checks.map((check) => describeCheck(check, running?.checker ?? null, language)),
      hintsShown: progress.hints[step.id] ?? 0,
      hintsTotal: step.hints.length,
      solutionShown: progress.solutions.includes(step.id),
    })),
    currentStep: currentStep?.id ?? null,
    faults: lab.faults.map((fault): FaultStatus => ({
      id: fault.id,
      title: fault.title[language],
      state: fault === activeFault ? 'active' : progress.mended.includes(fault.id) ? 'mended' : 'available',
      hintsShown: progress.hints[fault.id] ?? 0,
      hintsTotal: fault.hints.length,
      symptom: fault.symptom.title[language],
      question: running?.checker.question(fault.symptom) ?? null,
    })),
    debrief: currentStep === null ? debriefOf(told, language) : null,
  };
}

function describeCheck(check: Check, checker: Checker | null, language: Language): CheckStatus {
  const outcome = checker?.outcome(check);
  return {
    title: check.title[language],
    state: outcome?.state ?? 'unknown',
    message: displayText(outcome?.message[language] ?? ''),
    question: checker?.question(check) ?? null,
  };
}

/** The lab's own words, and then what the engine saw in this learner's network. */
function debriefOf({ loaded, way }: Told, language: Language): string | null {
  const text = loaded.guide[language].find((section) => section.id === 'debrief')?.markdown;
  const parts = [text, way?.[language]].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join('\n\n');
}
