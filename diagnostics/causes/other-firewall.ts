import { changeChain } from '../fixes/rule-patch.ts';
import { ruleOnPaper } from '../fixes/rule-spec.ts';
import { valueOr } from '../model/fact.ts';
import type { Field } from '../model/rule-field.ts';
import type { Verdict } from '../model/rule-map.ts';
import type { Rule, RulePart, Table } from '../model/ruleset.ts';
import type { RuleReference } from '../model/trace.ts';
import { walkFlow } from '../simulate/walk.ts';
import { factsIn, type WaySituation } from './situation.ts';
import { startOf } from './start-of.ts';
import { acceptFor, placeOf } from './verdict-rule.ts';

/** Chains this far ahead of filtering mark, count and translate: an accept there decides nothing about who may pass. */
const BEFORE_FILTERING = -100;

/** An accept by these alone is for whatever was let through before, or for everybody. */
const GENERAL: ReadonlySet<Field> = new Set<Field>(['ct state', 'ct direction', 'nfproto', 'pkttype']);

/** A rule in another base chain of the same hook. */
export interface OtherRule {
  readonly decidedBy: RuleReference;
  readonly rule: NonNullable<RuleReference['rule']>;
}

/**
 * The rule of another table that accepts this packet at the hook where a base chain does not: it ran before, or would run after.
 * Null where no rule speaks of the packet there.
 */
export function acceptedElsewhere(situation: WaySituation, decidedBy: RuleReference): OtherRule | null {
  const { snapshot, namespace, forward, direction } = situation;
  const start = startOf(forward);
  if (!start) return null;
  // What the others would have said, had this chain had nothing against it.
  const place = placeOf(namespace, decidedBy, decidedBy.baseChain);
  const silent = changeChain(snapshot, place, (chain) => ({
    ...chain,
    rules: [],
    ...(chain.base && { base: { ...chain.base, policy: 'accept' as const } }),
  }));
  const trip = walkFlow(silent, start);
  const trace = direction === 'forward' ? trip.forward : trip.back;
  const hop = trace?.hops.find((one) => one.namespace === namespace);
  for (const step of hop?.steps ?? []) {
    if (step.kind !== 'filter' || step.verdict !== 'accept' || step.decidedBy.rule === null) continue;
    const other = step.decidedBy;
    if (isAnother(decidedBy, other) && samePlace(decidedBy, other) && speaksOf(situation, other))
      return { decidedBy: other, rule: step.decidedBy.rule };
  }
  return null;
}

/** The tables of one iptables (mangle, filter …) are one program's, and one firewall; those of nft are whoever's made them. */
const isAnother = (one: RuleReference, other: RuleReference): boolean =>
  other.backend !== one.backend ||
  other.family !== one.family ||
  (one.backend === 'nft' && other.table !== one.table);

/** Hooks are called alike for frames on a bridge, for ARP and for IP, and are places of their own. */
const samePlace = (one: RuleReference, other: RuleReference): boolean =>
  one.hook === other.hook && layerOf(one) === layerOf(other);

const layerOf = ({ family }: RuleReference): string =>
  family === 'ip' || family === 'ip6' || family === 'inet' ? 'ip' : family;

/** Whether a rule was made for such packets, in a chain that is there to decide about them. */
function speaksOf(situation: WaySituation, by: RuleReference): boolean {
  const { snapshot, namespace } = situation;
  const tables = valueOr(factsIn(snapshot, namespace)?.ruleset ?? { state: 'absent' }, null)?.tables ?? [];
  const table = tables.find(
    ({ backend, family, name }) => backend === by.backend && family === by.family && name === by.table,
  );
  const base = table?.chains.find(({ name }) => name === by.baseChain)?.base;
  const rule = table?.chains
    .find(({ name }) => name === by.chain)
    ?.rules.find(({ number }) => number === by.rule?.number);
  return (
    base !== undefined &&
    base.priority > BEFORE_FILTERING &&
    table !== undefined &&
    rule !== undefined &&
    isSpecific(table, by.chain, rule) &&
    !isRemedy(rule, situation)
  );
}

/** An accept for this very flow and no other is what a remedy puts in, for an earlier cause of the same answer. */
const isRemedy = (rule: Rule, { packet, direction }: WaySituation): boolean =>
  comparisonsOf(rule.parts) === comparisonsOf(ruleOnPaper(acceptFor(packet, direction), '').parts);

/** What a rule compares, but for what goes without saying in one language or the other. */
const comparisonsOf = (parts: readonly RulePart[]): string =>
  JSON.stringify(
    parts
      .flatMap((part) => (part.type === 'compare' ? [part] : []))
      .filter(({ fields }) => !IMPLIED.has(fields[0] ?? 'nfproto'))
      .map(({ fields, values }) => [fields, values])
      .toSorted(),
  );

const IMPLIED: ReadonlySet<Field> = new Set<Field>(['nfproto', 'l4proto']);

/** The rule asks for something, or every rule that leads to its chain does. */
function isSpecific(table: Table, chain: string, rule: Rule, below: readonly string[] = []): boolean {
  if (asksForMore(rule)) return true;
  if (below.includes(chain)) return false;
  const callers = callersOf(table, chain);
  return (
    callers.length > 0 &&
    callers.every((caller) => isSpecific(table, caller.chain, caller.rule, [...below, chain]))
  );
}

const asksForMore = ({ parts }: Rule): boolean =>
  parts.some(
    (part) =>
      (part.type === 'verdict-map' || part.type === 'compare') &&
      part.fields.some((field) => !GENERAL.has(field)),
  );

const callersOf = (table: Table, name: string): readonly { readonly chain: string; readonly rule: Rule }[] =>
  table.chains.flatMap((chain) =>
    chain.rules.flatMap((rule) =>
      rule.parts.some((part) => verdictsOf(table, part).some((verdict) => leadsTo(verdict, name)))
        ? [{ chain: chain.name, rule }]
        : [],
    ),
  );

const leadsTo = (verdict: Verdict, name: string): boolean =>
  (verdict.type === 'jump' || verdict.type === 'goto') && verdict.chain === name;

function verdictsOf({ sets }: Table, part: RulePart): readonly Verdict[] {
  if (part.type === 'verdict') return [part.verdict];
  if (part.type !== 'verdict-map') return [];
  const { map } = part;
  const entries = map.type === 'inline' ? map.entries : sets.find(({ name }) => name === map.name)?.verdicts;
  return (entries ?? []).map(({ verdict }) => verdict);
}
