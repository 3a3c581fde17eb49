import { randomInt } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { loadLab } from '../format/load.ts';
import { INSIDE } from '../sandbox/scripts.ts';
import { startSandbox, type StartedSandbox } from '../sandbox/sandbox.ts';
import type { Installation } from './installation.ts';
import { eventsFile, readEvents } from './learner.ts';
import { readProgress, type ProgressEvent } from './progress.ts';
import { LAB_DIRECTORY, PROGRESS_FILE } from './session-files.ts';

export interface LaunchOptions {
  readonly directory: string;
  /** The sandbox's wanted name; the lab's id where it is not given. */
  readonly name?: string;
  readonly installation: Installation;
  /** From the beginning, whatever the learner has done before; nothing of it is recorded (for the tester). */
  readonly trial?: boolean;
  /** From the beginning, and that is recorded. */
  readonly fresh?: boolean;
  /** One more beside one that runs; otherwise that one is joined. */
  readonly another?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Starts a lab where the learner left it.
 * @throws SandboxError, LabFileError; the signal's reason once it is aborted
 */
export async function launchLab(options: LaunchOptions): Promise<StartedSandbox> {
  const { directory, installation, trial = false, fresh = false } = options;
  const chosen: Record<string, string> = {};
  const { lab, texts } = await loadLab(directory, (name, values) => {
    const value = values[randomInt(values.length)] ?? '';
    chosen[name] = value;
    return value;
  });
  const events = trial ? '/dev/null' : await eventsFile();
  const before = readProgress(
    trial || fresh ? '' : await readEvents(),
    lab.id,
    lab.steps.map((step) => step.id),
  );
  const vars = { ...chosen, ...before.vars };
  const started = await startSandbox({
    name: options.name ?? lab.id,
    lab: lab.id,
    another: trial || options.another === true,
    files: {
      ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${LAB_DIRECTORY}/${name}`, text])),
      [PROGRESS_FILE]: JSON.stringify({ ...before, vars }),
    },
    app: installation.program,
    command: [process.execPath, `${INSIDE}/app/hoplab.mjs`, 'session'],
    env: {},
    events,
    needsEngine: lab.needs.includes('docker'),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (trial || started.joined) return started;
  const time = new Date().toISOString();
  const begun: readonly ProgressEvent[] = [
    ...(fresh ? [{ time, lab: lab.id, event: 'reset' } as const] : []),
    { time, lab: lab.id, event: 'started', vars },
  ];
  // A full disk must not stop a lab; the learner only loses the record of it.
  await appendFile(events, begun.map((event) => `${JSON.stringify(event)}\n`).join('')).catch(
    () => undefined,
  );
  return started;
}
