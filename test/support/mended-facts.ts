import { expect } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { changeBy, type FixAction } from '../../diagnostics/fixes/registry.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import { valueOr } from '../../diagnostics/model/fact.ts';
import { FACT_NAMES, namespaceLabel, type Namespace } from '../../diagnostics/model/namespace.ts';
import { findNamespace, type MissingFact, type Snapshot } from '../../diagnostics/model/snapshot.ts';
import { explainQuestion } from '../../diagnostics/question/explain-question.ts';
import { findFlow, parseQuestion } from '../../diagnostics/question/question.ts';
import type { Asked } from './cause-case.ts';
import { comparableFacts, contradictions, type Compared } from './comparable-facts.ts';

/** Everything that a fix may change, as it is now. */
export async function readMachine(machine: Machine = openMachine()): Promise<Snapshot> {
  const source = createLiveSource(machine);
  const snapshot = await source.discover();
  const all = snapshot.namespaces.flatMap(({ id }) =>
    FACT_NAMES.map((fact): MissingFact => ({ namespace: id, fact })),
  );
  return source.read(snapshot, all);
}

/** The facts with the first remedy of every cause (or another) applied on paper, as the proof of a fix has them. */
export function mendedOnPaper(snapshot: Snapshot, asked: Asked, fix = 0): Snapshot {
  const flow = findFlow(parseQuestion({ protocol: null, port: null, ...asked }), snapshot);
  const { found } = explainQuestion(snapshot, flow, new Map());
  return onPaper(
    found.flatMap(({ remedies }) => remedies[fix]?.actions ?? []),
    snapshot,
  );
}

export const onPaper = (actions: readonly FixAction[], snapshot: Snapshot): Snapshot =>
  actions.reduce((now, action) => changeBy(action, now), snapshot);

/** What differs, a line each: `netns:red links: on paper …, really …`. */
export function differences(
  paper: Snapshot,
  real: Snapshot,
  drawn: readonly string[] = [],
): readonly string[] {
  return paper.namespaces.flatMap((namespace) => {
    const now = findNamespace(real, namespace.id);
    if (!now) return [`${namespaceLabel(namespace)} is gone`];
    const unforetold = { drawn, pending: pendingIn(namespace) };
    const [foretold, found] = [
      comparableFacts(paper, namespace, unforetold),
      comparableFacts(real, now, unforetold),
    ];
    return [
      ...(Object.keys(foretold) as Compared[]).flatMap((name) => listed(foretold[name], found[name], name)),
      ...contradictions(namespace, now),
    ].map((line) => `${namespaceLabel(namespace)} ${line}`);
  });
}

const pendingIn = ({ facts }: Namespace): readonly string[] =>
  valueOr(facts.links, []).flatMap(({ addresses }) =>
    addresses.filter(({ flags }) => flags.includes('tentative')).map(({ address }) => address),
  );

/** With the keys of every object in one order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => a.localeCompare(b)))
      : part,
  );

/** Of lists, only what one has and the other has not. */
function listed(paper: unknown, real: unknown, name: string): readonly string[] {
  const texts = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value : [value]).map((one) => (typeof one === 'string' ? one : canonical(one)));
  const [foretold, found] = [texts(paper), texts(real)];
  if (JSON.stringify(foretold) === JSON.stringify(found)) return [];
  const only = (a: readonly string[], b: readonly string[]): readonly string[] =>
    a.filter((text) => !b.includes(text));
  const lines = [
    ...only(foretold, found).map((text) => `${name} on paper: ${text}`),
    ...only(found, foretold).map((text) => `${name} really: ${text}`),
  ];
  return lines.length > 0
    ? lines
    : [`${name} in another order: ${foretold.join(' | ')} / ${found.join(' | ')}`];
}

/** The machine is, after the fix was run, what it was proven on. The kernel finishes some changes a moment later. */
export async function expectOnPaper(
  paper: Snapshot,
  { machine = openMachine(), what = 'applied', drawn = [] }: Comparison = {},
): Promise<void> {
  await expect
    .poll(async () => differences(paper, await readMachine(machine), drawn).join('\n'), {
      message: what,
      interval: 100,
    })
    .toBe('');
}

export interface Comparison {
  readonly machine?: Machine;
  readonly what?: string;
  /** Interfaces whose hardware address the kernel draws. */
  readonly drawn?: readonly string[];
}
