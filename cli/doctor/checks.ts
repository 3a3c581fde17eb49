import type { Language } from '../../diagnostics/model/language.ts';
import { installCommand } from '../../labs/sandbox/tools.ts';
import { toolSaid } from '../sayings.ts';
import type { Findings } from './findings.ts';
import { DOCTOR_WORDS, type DoctorWords } from './words.ts';

/** One thing that was tried, as `--json` prints it. */
export interface Check {
  readonly id:
    'platform' | 'tools' | 'sandbox' | 'kernel' | 'engines-in-labs' | 'privileges' | 'programs' | 'engine';
  /** `limited`: labs run, but not all, or diagnosis sees less; `missing`: no lab runs. */
  readonly state: 'ok' | 'limited' | 'missing';
  readonly title: string;
  /** What was found. */
  readonly detail: string;
  /** What to do, in a sentence; null where nothing is to be done, or where the command says it all. */
  readonly remedy: string | null;
  /** The one command that does it, where one does. */
  readonly command: string | null;
}

const SUBORDINATE_IDS = 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"';
/** The default seccomp and AppArmor profiles and masked paths of a container forbid namespaces in it. */
const CONTAINER_OPTIONS =
  'docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined …';

const fine = { state: 'ok', remedy: null, command: null } as const;

/** Not Linux: there is nothing to try. */
export const otherSystem = (platform: string, language: Language): readonly Check[] => [
  { id: 'platform', state: 'missing', ...DOCTOR_WORDS[language].otherSystem(platform), command: null },
];

/** What was found, in words, and what provides the rest. */
export function checksOf(findings: Findings, language: Language): readonly Check[] {
  const words = DOCTOR_WORDS[language];
  const checks = [
    toolsCheck(findings, words),
    sandboxCheck(findings, words),
    ...kernelCheck(findings, words),
    enginesCheck(findings, words),
    privilegesCheck(findings, words),
    programsCheck(findings, words),
    engineCheck(findings, words),
  ];
  // What the engine and the sandbox say comes as an English sentence.
  return checks.map((check) => ({
    ...check,
    detail: toolSaid(check.detail, language),
    remedy: check.remedy === null ? null : toolSaid(check.remedy, language),
  }));
}

function toolsCheck({ missing }: Findings, { tools }: DoctorWords): Check {
  const { title } = tools;
  if (missing.length === 0) return { id: 'tools', ...fine, title, detail: tools.complete };
  const detail = tools.missing(missing);
  return { id: 'tools', state: 'limited', title, detail, remedy: null, command: installCommand(missing) };
}

function sandboxCheck({ sandbox, inContainer }: Findings, { sandbox: words }: DoctorWords): Check {
  const { title } = words;
  if (sandbox.ok) return { id: 'sandbox', ...fine, title, detail: words.works };
  const { reason, message, remedy, command } = sandbox.problem;
  const bad = { id: 'sandbox', state: 'missing', title, detail: message } as const;
  if (command !== null) return { ...bad, remedy: null, command };
  const forbidden = reason === 'no-user-namespaces' || reason === 'mount-refused';
  return inContainer && forbidden
    ? { ...bad, remedy: words.container, command: CONTAINER_OPTIONS }
    : { ...bad, remedy, command };
}

function kernelCheck({ kernel }: Findings, { kernel: words }: DoctorWords): readonly Check[] {
  if (kernel === null) return [];
  const { title } = words;
  if (kernel.missing.length === 0)
    return [{ id: 'kernel', ...fine, title, detail: words.offers(kernel.present) }];
  return [
    {
      id: 'kernel',
      state: 'limited',
      title,
      detail: words.lacks(kernel.missing),
      remedy: words.load,
      command: `sudo modprobe -a ${kernel.modules.join(' ')}`,
    },
  ];
}

function enginesCheck({ engines, triedEngine }: Findings, { engines: words }: DoctorWords): Check {
  const { title } = words;
  const limited = { id: 'engines-in-labs', state: 'limited', title, remedy: null } as const;
  if (engines.missing.length > 0)
    return { ...limited, detail: words.missing(engines.missing), command: installCommand(engines.missing) };
  if (!engines.ids) return { ...limited, detail: words.noIds, command: SUBORDINATE_IDS };
  if (triedEngine === null) return { ...limited, detail: words.noSandbox, command: null };
  if ('problem' in triedEngine)
    return { ...limited, detail: triedEngine.problem, remedy: words.without, command: null };
  return {
    id: 'engines-in-labs',
    ...fine,
    title,
    detail: words.works(triedEngine.seconds.toFixed(1)),
  };
}

function privilegesCheck({ privileged }: Findings, { privileges: words }: DoctorWords): Check {
  const { title } = words;
  return privileged
    ? { id: 'privileges', ...fine, title, detail: words.all }
    : {
        id: 'privileges',
        state: 'limited',
        title,
        detail: words.own,
        remedy: words.asRoot,
        command: 'sudo hoplab why FROM TO',
      };
}

function programsCheck({ programs, privileged }: Findings, { programs: words }: DoctorWords): Check {
  const { title } = words;
  const limited = { id: 'programs', state: 'limited', title, remedy: null, command: null } as const;
  switch (programs) {
    case 'seen':
      return { id: 'programs', ...fine, title, detail: words.seen };
    case 'no-tool':
      return { ...limited, detail: words.noTool, command: installCommand(['bpftool']) };
    case 'refused':
      return privileged
        ? { ...limited, detail: words.refused }
        : { ...limited, detail: words.refused, remedy: words.asRoot, command: 'sudo hoplab doctor' };
  }
}

function engineCheck({ engine }: Findings, { engine: words }: DoctorWords): Check {
  const { title } = words;
  const limited = { id: 'engine', state: 'limited', title, remedy: null, command: null } as const;
  switch (engine.state) {
    case 'known':
      return { id: 'engine', ...fine, title, detail: words.answers(engine.value.version) };
    case 'denied':
      return { ...limited, detail: engine.reason };
    case 'absent':
    case 'unread':
      return { ...limited, detail: words.none };
  }
}
