import type { Machine, Output } from '../host/machine.ts';
import type { FixStep } from '../model/diagnosis.ts';
import { namespaceLabel } from '../model/namespace.ts';
import { findHost, type Snapshot } from '../model/snapshot.ts';

/** Runs one step of a fix where it belongs. Never throws. */
export type StepRunner = (step: FixStep) => Promise<Output>;

const STEP_MILLISECONDS = 30_000;

/** Steps run on a live machine or lab; `snapshot` tells which namespace a label means. */
export const stepRunner =
  (machine: Machine, snapshot: Snapshot): StepRunner =>
  (step) => {
    const host = findHost(snapshot, step.host);
    const engine = host?.engine.state === 'known' ? host.engine.value : null;
    const base = { argv: step.argv, timeoutMilliseconds: STEP_MILLISECONDS };
    if (step.kind !== 'exec')
      return machine.run(
        { host: step.host, namespace: null },
        { ...base, enter: 'host', ...(engine ? { env: { DOCKER_HOST: engine.endpoint } } : {}) },
      );
    const namespace = snapshot.namespaces.find(
      (it) => it.host === step.host && namespaceLabel(it) === step.namespace,
    );
    if (!namespace)
      return Promise.resolve({
        exitCode: null,
        stdout: '',
        stderr: `${step.namespace ?? step.host} is not there any more`,
        problem: 'namespace-gone',
      });
    return machine.run({ host: step.host, namespace: namespace.id }, base);
  };
