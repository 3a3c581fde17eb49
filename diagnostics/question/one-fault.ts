import type { Finding, Remedy } from '../causes/finding.ts';
import { CAUSES } from '../causes/registry.ts';
import type { FlowStart } from '../simulate/start.ts';
import type { Found } from './found.ts';

/** An earlier cause that a later finding belongs to: from there on, both are mended at once by `remedy`. */
export interface Joined {
  readonly index: number;
  readonly both: Found;
  readonly start: FlowStart;
  readonly remedy: Remedy;
}

/**
 * Where a finding is the same fault as an earlier cause: one rule that stops the packet and its answer, or several rules that
 * somebody wrote for one purpose. Null where it is a fault of its own. Pure.
 */
export const joinedWithEarlier = (found: readonly Found[], finding: Finding): Joined | null =>
  sameRule(found, finding) ?? samePurpose(found, finding);

/** An earlier cause by the same rule, which has a remedy for both ways that was not chosen yet. */
function sameRule(found: readonly Found[], finding: Finding): Joined | null {
  const { params } = finding;
  if (params['direction'] !== 'back' || params['chain'] === undefined) return null;
  const index = found.findIndex(
    ({ finding: other }) =>
      other.params['direction'] === 'forward' &&
      alike(other, finding, ['backend', 'family', 'table', 'chain', 'rule']),
  );
  const earlier = found[index];
  const [first, ...others] = earlier?.remedies ?? [];
  const remedy = others.find(({ actions }) => actions.length > (first?.actions.length ?? 0));
  if (!earlier?.start || !first || !remedy) return null;
  const remedies = [remedy, ...others.filter((it) => it !== remedy)];
  return { index, both: { ...earlier, remedies }, start: earlier.start, remedy };
}

/** An earlier cause that says the same of the same ends; its remedies are carried out for this rule too. */
function samePurpose(found: readonly Found[], finding: Finding): Joined | null {
  const index = found.findIndex(({ finding: other }) => haveOnePurpose(other, finding));
  const earlier = found[index];
  if (!earlier?.start) return null;
  const remedies = earlier.remedies.flatMap((remedy) => withCounterpart(remedy, finding) ?? []);
  const [remedy] = remedies;
  if (!remedy) return null;
  const rules = [earlier.finding.params['also'], finding.params['rule']].filter(Boolean);
  const both: Finding = {
    ...earlier.finding,
    params: { ...earlier.finding.params, also: rules.join('”, “') },
    evidence: [...earlier.finding.evidence, ...finding.evidence],
  };
  return { index, both: { ...earlier, finding: both, remedies }, start: earlier.start, remedy };
}

/**
 * A remedy, and what does the same to another finding's rule; null where that has none of its kind. A second deletion in a chain
 * is none: the finding's number is that of the chain as its first remedy left it.
 */
function withCounterpart({ actions }: Remedy, { remedies }: Finding): Remedy | null {
  const kinds = new Set(actions.map(({ kind }) => kind));
  const counterpart = remedies.find((other) => other.actions.every(({ kind }) => kinds.has(kind)));
  const deleted = (remedy: Remedy): readonly string[] =>
    remedy.actions.flatMap((action) => (action.kind === 'delete-rule' ? [JSON.stringify(action.place)] : []));
  const chains = deleted({ actions });
  return counterpart && !deleted(counterpart).some((chain) => chains.includes(chain))
    ? { actions: [...actions, ...counterpart.actions] }
    : null;
}

/** Whether two findings are of one fault, though they may tell different things of it. */
export function haveOnePurpose(one: Finding, other: Finding): boolean {
  const purpose = CAUSES.find(({ id }) => id === one.id)?.purpose;
  return purpose !== undefined && alike(one, other, purpose);
}

const alike = (one: Finding, other: Finding, params: readonly string[]): boolean =>
  one.id === other.id &&
  JSON.stringify(one.place) === JSON.stringify(other.place) &&
  params.every((name) => one.params[name] === other.params[name]);
