import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Rule } from '../../model/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Hop, RuleReference, Step, Trace } from '../../model/trace.ts';
import { changeBy } from '../../fixes/registry.ts';
import type { DeleteRule } from '../../fixes/actions/delete-rule.ts';
import type { ChainPlace } from '../../fixes/rule-patch.ts';
import { walkFlow, type RoundTrip } from '../../simulate/walk.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { factsIn, labelIn, type WaySituation } from '../situation.ts';

/** A rule keeps conntrack from the packet, and what conntrack does not follow is not translated (NAT). */
export const notTracked: CauseKind = {
  id: 'not-tracked',
  find(situation) {
    const found = situation.type === 'way' ? untranslated(situation) : null;
    const [first] = found?.rules ?? [];
    if (!found || !first || situation.type !== 'way') return null;
    const { snapshot, trace } = situation;
    const { namespace, translation, rules } = found;
    return {
      id: 'not-tracked',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        rule: rules.map(({ rule }) => rule.text).join('; '),
        chain: first.place.chain,
        table: first.place.table,
        backend: first.place.backend,
        what: translation.what,
        before: translation.before,
        after: translation.after,
        by: translation.decidedBy?.rule?.text ?? null,
      },
      evidence: [
        ...rules.map(({ place, rule }) => ruleEvidence(snapshot, namespace, referenceTo(place, rule))),
        ...(translation.decidedBy ? [ruleEvidence(snapshot, namespace, translation.decidedBy)] : []),
      ],
      remedies: [{ actions: rules.map(deletion) }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `A rule in ${p('namespace')} keeps the packet out of connection tracking (notrack), so its ${p('what') === 'source' ? 'source' : 'destination'} ${p('before')} is not translated to ${p('after')}`,
      explanation: (p) =>
        `Address translation belongs to connection tracking: only for the first packet of a connection that the kernel follows are the NAT rules asked. In ${p('namespace')}, “${p('rule')}” (chain ${p('chain')}, table ${p('table')}, ${p('backend')}) comes before and says that this packet is not to be followed. So “${p('by')}” never sees it, and the packet goes on as it is. Take the rule away, or let it spare what has to be translated.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的一条规则不让数据包进入连接跟踪（notrack），所以它的${p('what') === 'source' ? '来源' : '目的'}地址 ${p('before')} 没有被转换成 ${p('after')}`,
      explanation: (p) =>
        `地址转换依赖连接跟踪：内核只为它所跟踪的连接的第一个数据包查询 NAT 规则。在 ${p('namespace')} 中，排在前面的“${p('rule')}”（链 ${p('chain')}，表 ${p('table')}，${p('backend')}）说明不跟踪这个数据包，于是“${p('by')}”根本看不到它，数据包原样继续前进。请删除这条规则，或让它放过需要转换的数据包。`,
    },
  },
};

type Translation = Extract<Step, { kind: 'translate' }>;

interface PlacedRule {
  readonly place: ChainPlace;
  readonly rule: Rule;
}

interface Untranslated {
  readonly namespace: NamespaceId;
  readonly rules: readonly PlacedRule[];
  /** What happens without them. */
  readonly translation: Translation;
}

/** Each is a walk of its own. Of more, all are taken away at once. */
const MOST_ALONE = 16;

/** The fewest rules without which the packet is translated where now it is not, and its way ends elsewhere. */
function untranslated({ snapshot, forward, start }: WaySituation): Untranslated | null {
  if (!start || !spared(snapshot, forward)) return null;
  const end = endOf(walkFlow(snapshot, start));
  for (const hop of forward.hops) {
    const rules = sparingRules(snapshot, hop.namespace);
    if (rules.length === 0) continue;
    for (const chosen of [...rules.slice(0, MOST_ALONE).map((one) => [one]), rules]) {
      const mended = chosen.map(deletion).reduceRight((facts, action) => changeBy(action, facts), snapshot);
      const trip = walkFlow(mended, start);
      const again = trip.forward.hops.find(({ namespace }) => namespace === hop.namespace);
      const translation = again && newTranslation(hop, again);
      if (translation && endOf(trip) !== end) return { namespace: hop.namespace, rules: chosen, translation };
    }
  }
  return null;
}

const spared = (snapshot: Snapshot, { hops }: Trace): boolean =>
  hops.some(({ namespace }) => sparingRules(snapshot, namespace).length > 0);

/** Where both ways of it end, and how. */
const endOf = ({ forward, back }: RoundTrip): string =>
  JSON.stringify([forward, back].map((trace) => [trace?.disposition, trace?.hops.at(-1)?.namespace]));

const translationsIn = (hop: Hop): readonly Translation[] =>
  hop.steps.filter((step): step is Translation => step.kind === 'translate' && step.decidedBy !== null);

const newTranslation = (before: Hop, after: Hop): Translation | undefined =>
  translationsIn(after).find(
    (step) => !translationsIn(before).some((old) => old.what === step.what && old.after === step.after),
  );

/** Rules by which packets are not followed. */
const sparingRules = (snapshot: Snapshot, namespace: NamespaceId): readonly PlacedRule[] =>
  (
    valueOr(factsIn(snapshot, namespace)?.ruleset ?? { state: 'absent' }, null)?.tables.filter(
      ({ family }) => family === 'ip' || family === 'ip6' || family === 'inet',
    ) ?? []
  ).flatMap(({ backend, family, name, chains }) =>
    chains.flatMap((chain) =>
      chain.rules
        .filter(({ parts }) => parts.some(({ type }) => type === 'notrack'))
        .map((rule) => ({
          place: { namespace, backend, family, table: name, chain: chain.name },
          rule,
        })),
    ),
  );

const deletion = ({ place, rule }: PlacedRule): DeleteRule => ({
  kind: 'delete-rule',
  place,
  rule,
  opensNothing: true,
});

const referenceTo = ({ backend, family, table, chain }: ChainPlace, rule: Rule): RuleReference => ({
  backend,
  family,
  table,
  hook: 'prerouting',
  baseChain: chain,
  chain,
  rule: {
    text: rule.text,
    number: rule.number,
    ...(rule.handle === undefined ? {} : { handle: rule.handle }),
  },
});
