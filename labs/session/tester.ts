import { loadLab } from '../format/load.ts';
import { isAlive } from '../sandbox/process.ts';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { connectSession, type SessionClient } from './client.ts';
import type { Installation } from './installation.ts';
import { launchLab } from './launch.ts';
import { namedCauses, namesFault, placeOf } from './named-cause.ts';
import type { LabStatus, StepStatus } from './protocol.ts';

/** One thing that a lab promises, and whether it holds. */
export interface Proof {
  readonly what: string;
  /** null: it holds. */
  readonly problem: string | null;
}

const LANGUAGE = 'en';

/**
 * Proves a lab: from a fresh start each check is red before and green after its step's solution, also by the second way; each
 * fault turns its check red, `why` names the declared cause at the declared place, its fix turns it green; nothing stays.
 */
export async function testLab(
  directory: string,
  installation: Installation,
  report: (proof: Proof) => void,
  signal?: AbortSignal,
): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  const prove = (what: string, problem: string | null): void => {
    const proof = { what, problem };
    proofs.push(proof);
    report(proof);
  };
  const { lab } = await loadLab(directory);
  const { sandbox } = await launchLab({
    directory,
    installation,
    trial: true,
    ...(signal ? { signal } : {}),
  });
  try {
    const client = await connectSession(sandbox.socket);
    try {
      for (const alternative of [false, true]) {
        if (alternative && !lab.steps.some((step) => step.alternative)) continue;
        await proveSteps(client, lab.steps, alternative, prove);
        for (const fault of lab.faults) await proveFault(client, fault, prove);
      }
    } finally {
      client.close();
    }
  } finally {
    await stopSandbox(sandbox);
  }
  prove('nothing is left behind', isAlive(sandbox.process) ? 'its process still runs' : null);
  return proofs;
}

type Prove = (what: string, problem: string | null) => void;

const stepOf = (status: LabStatus, id: string): StepStatus => {
  const step = status.steps.find((one) => one.id === id);
  if (!step) throw new Error(`the session does not know step ${id}`);
  return step;
};

async function proveSteps(
  client: SessionClient,
  steps: readonly { readonly id: string; readonly alternative?: unknown }[],
  alternative: boolean,
  prove: Prove,
): Promise<void> {
  const way = alternative ? 'the second way' : 'its solution';
  await client.request('reset', { language: LANGUAGE });
  for (const { id, alternative: second } of steps) {
    const before = stepOf(await client.request('check', { language: LANGUAGE }), id);
    for (const check of before.checks)
      prove(
        `${id}: red before ${way}: ${check.title}`,
        check.state === 'fail' ? null : `it is ${check.state} ${check.message}`,
      );
    const solved = await solve(client, id, alternative && second !== undefined);
    if (typeof solved === 'string') {
      prove(`${id}: ${way} works`, solved);
      continue;
    }
    const after = stepOf(solved, id);
    for (const check of after.checks)
      prove(
        `${id}: green after ${way}: ${check.title}`,
        check.state === 'pass' ? null : `it is ${check.state}: ${check.message}`,
      );
    prove(`${id}: done`, after.done ? null : 'the step does not count as done');
  }
}

async function solve(client: SessionClient, step: string, alternative: boolean): Promise<LabStatus | string> {
  try {
    return (await client.request('solve', { language: LANGUAGE, step, run: true, alternative })).status;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function proveFault(
  client: SessionClient,
  fault: { readonly id: string; readonly cause: string; readonly where: string },
  prove: Prove,
): Promise<void> {
  let status: LabStatus;
  try {
    status = await client.request('break', { language: LANGUAGE, fault: fault.id });
  } catch (error) {
    prove(`${fault.id}: breaks what worked`, error instanceof Error ? error.message : String(error));
    return;
  }
  prove(`${fault.id}: breaks what worked`, null);
  const question = status.faults.find((one) => one.id === fault.id)?.question;
  if (!question) {
    prove(`${fault.id}: can be asked about`, 'its symptom is no question of reachability');
    return;
  }
  const { port, ...rest } = question;
  const params = { language: LANGUAGE, ...rest, ...(port === null ? {} : { port }), probe: true } as const;
  const diagnosis = await client.request('why', params);
  prove(
    `${fault.id}: why says ${fault.cause} at ${placeOf(fault, status.nodes)}`,
    namesFault(diagnosis, fault, status.nodes) ? null : `it says ${namedCauses(diagnosis)}`,
  );
  const applied = await client.request('apply', { ...params, causes: [] });
  const fixed = applied.applied && !applied.undone && applied.diagnosis.verdict === 'reachable';
  prove(`${fault.id}: its fix works`, fixed ? null : `after it the answer is ${applied.diagnosis.verdict}`);
  const after = await client.request('check', { language: LANGUAGE });
  const state = after.faults.find((one) => one.id === fault.id)?.state;
  prove(`${fault.id}: counts as mended`, state === 'mended' ? null : `it is ${state}`);
  if (state !== 'mended') {
    await client.request('reset', { language: LANGUAGE });
    for (const step of after.steps)
      await client.request('solve', { language: LANGUAGE, step: step.id, run: true });
  }
}
