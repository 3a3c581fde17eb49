import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { FAMILIES } from './arena/addresses.ts';
import type { Arena } from './arena/arena.ts';
import type { Observed, Probe } from './arena/probe.ts';
import type { Backend } from './arena/router-rules.ts';
import { fits, predict, type Prediction } from './predict.ts';

/** How long a packet that was predicted to arrive may take. */
const PATIENCE_MILLISECONDS = 5000;
const POLL_MILLISECONDS = 10;

let nextPort = 20_000;
/** A port no earlier probe had: conntrack remembers. */
const freshPort = (): number => {
  nextPort = nextPort >= 60_000 ? 20_000 : nextPort + 1;
  return nextPort;
};

/** Probes of both protocols to the right, to the router, and from it. */
export function makeProbes(family: 4 | 6): readonly Probe[] {
  const plan = FAMILIES[family];
  const through = { from: 'left' as const, source: plan.left[0] };
  const own = { from: 'router' as const, source: plan.out };
  const shapes: readonly Omit<Probe, 'sourcePort'>[] = [
    { ...through, protocol: 'tcp', destination: plan.right[0], destinationPort: 80 },
    { ...through, protocol: 'udp', destination: plan.right[0], destinationPort: 80 },
    { ...through, protocol: 'udp', source: plan.left[2], destination: plan.right[1], destinationPort: 8080 },
    { ...through, protocol: 'tcp', source: plan.left[1], destination: plan.right[2], destinationPort: 81 },
    { ...through, protocol: 'tcp', destination: plan.in, destinationPort: 80 },
    { ...through, protocol: 'udp', source: plan.left[1], destination: plan.out, destinationPort: 8080 },
    { ...own, protocol: 'tcp', destination: plan.right[0], destinationPort: 80 },
    { ...own, protocol: 'udp', destination: plan.right[1], destinationPort: 8080 },
    { ...own, protocol: 'udp', source: plan.out, destination: plan.in, destinationPort: 81 },
  ];
  return shapes.map((shape) => ({ ...shape, sourcePort: freshPort() }));
}

interface Comparison {
  readonly probe: Probe;
  readonly prediction: Prediction;
  readonly observed: Observed;
}

/** Sends the probes and compares; throws what differs. How many predictions were certain. */
export async function expectKernelAgrees(
  arena: Arena,
  probes: readonly Probe[],
  text: string,
): Promise<number> {
  const ruleset = await arena.ruleset();
  if (ruleset.unknowns.length > 0) throw new Error(`${ruleset.unknowns.join('\n')}\n${text}`);
  const predictions = probes.map((probe) => predict(ruleset, probe));
  await arena.send(probes);
  const compare = async (): Promise<readonly Comparison[]> => {
    await arena.refresh();
    return probes.map((probe, index) => ({
      probe,
      prediction: predictions[index] ?? { possible: [], certain: false },
      observed: arena.observe(probe),
    }));
  };
  const differing = (all: readonly Comparison[]): readonly Comparison[] =>
    all.filter(({ observed, prediction }) => !fits(observed, prediction));
  let all = await compare();
  for (
    let waited = 0;
    differing(all).length > 0 && waited < PATIENCE_MILLISECONDS;
    waited += POLL_MILLISECONDS
  ) {
    await wait(POLL_MILLISECONDS);
    all = await compare();
  }
  const wrong = differing(all);
  if (wrong.length > 0)
    throw new Error(
      `${wrong.map((one) => JSON.stringify(one, null, 1)).join('\n')}\nwith these rules:\n${text}`,
    );
  return all.filter(({ prediction }) => prediction.certain).length;
}

/** Loads rules: every probe's end is certain, and the kernel's. */
export async function expectCertain(
  arena: Arena,
  backend: Backend,
  family: 4 | 6,
  rules: string,
): Promise<void> {
  await arena.load(backend, family, rules);
  const probes = makeProbes(family);
  expect(await expectKernelAgrees(arena, probes, rules), `${backend}: ${rules}`).toBe(probes.length);
}
