import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { hasPorts, type Packet } from '../model/packet.ts';
import type { Rule } from '../model/ruleset.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { RuleReference, Step } from '../model/trace.ts';
import type { InsertRule } from '../fixes/actions/insert-rule.ts';
import { isKeptByEbtables } from '../fixes/frame-rule.ts';
import type { ChainPlace } from '../fixes/rule-patch.ts';
import { ANY, type RuleSpec } from '../fixes/rule-spec.ts';
import type { Shown } from './cause.ts';
import type { Params, Remedy } from './finding.ts';
import { factsIn, labelIn, type WaySituation } from './situation.ts';

export type FilterStep = Extract<Step, { kind: 'filter' }>;

/** The filter step at which a way ended; null where it ended otherwise. */
export const decidingFilter = ({ step }: WaySituation): FilterStep | null =>
  step.kind === 'filter' && step.verdict !== 'accept' ? step : null;

export const placeOf = (namespace: NamespaceId, by: RuleReference, chain: string): ChainPlace => ({
  namespace,
  backend: by.backend,
  family: by.family,
  table: by.table,
  chain,
});

/** As narrow as the packet: its ends, its protocol and port; an answer only as part of its connection. */
export const acceptFor = (packet: Packet, direction: 'forward' | 'back'): RuleSpec => ({
  ...ANY,
  source: packet.source,
  destination: packet.destination,
  protocol: packet.protocol,
  sourcePort: direction === 'back' ? packet.sourcePort : null,
  destinationPort: direction === 'forward' ? packet.destinationPort : null,
  established: direction === 'back',
  action: { type: 'accept' },
});

/**
 * An accept for this very flow: in the chain that is meant for it, else right before what drops it, so that nothing of the
 * chain's order changes for others. A router meets the answer in the same chain: the second remedy lets that through too.
 */
export function acceptRemedies(situation: WaySituation, step: FilterStep): readonly Remedy[] {
  const { namespace, snapshot, packet, direction } = situation;
  const { decidedBy } = step;
  const own = ownChain(snapshot, namespace, decidedBy);
  const chain = own ?? decidedBy.chain;
  const before = own !== null && decidedBy.chain !== own ? { number: 1 } : decidedBy.rule;
  const accept = (spec: RuleSpec): InsertRule => ({
    kind: 'insert-rule',
    place: placeOf(namespace, decidedBy, chain),
    before,
    spec,
  });
  const known = !isKeptByEbtables(snapshot, placeOf(namespace, decidedBy, chain));
  const acceptOf = (of: Packet, way: 'forward' | 'back'): InsertRule => {
    const spec = acceptFor(of, way);
    return accept({ ...spec, established: spec.established && known });
  };
  const one = acceptOf(packet, direction);
  // To who has not seen the request, or follows no connections at all, the answer belongs to none.
  if (direction === 'back' && known)
    return [{ actions: [one] }, { actions: [accept({ ...acceptFor(packet, 'back'), established: false })] }];
  if (decidedBy.hook !== 'forward' || direction === 'back') return [{ actions: [one] }];
  return [{ actions: [one] }, { actions: [acceptOf(answerTo(packet), 'back'), one] }];
}

const answerTo = (packet: Packet): Packet => ({
  ...packet,
  source: packet.destination,
  destination: packet.source,
  sourcePort: packet.destinationPort,
  destinationPort: packet.sourcePort,
});

/**
 * The chain that Docker leaves to its users on the iptables backends. It is called before Docker's own rules; where the rule that
 * decides comes before it, an accept there comes too late.
 */
function ownChain(snapshot: Snapshot, namespace: NamespaceId, by: RuleReference): string | null {
  if (by.hook !== 'forward' || by.table !== 'filter' || by.backend === 'nft') return null;
  const table = valueOr(factsIn(snapshot, namespace)?.ruleset ?? { state: 'absent' }, null)?.tables.find(
    ({ backend, family, name }) => backend === by.backend && family === by.family && name === by.table,
  );
  const rules = table?.chains.find(({ name }) => name === by.baseChain)?.rules ?? [];
  const called = rules.findIndex((rule) => jumpOf(rule) === USERS_CHAIN);
  const decides = rules.findIndex((rule) =>
    by.chain === by.baseChain ? rule.number === by.rule?.number : jumpOf(rule) === by.chain,
  );
  if (called < 0 || (decides >= 0 && decides < called)) return null;
  return table?.chains.some(({ name }) => name === USERS_CHAIN) ? USERS_CHAIN : null;
}

const USERS_CHAIN = 'DOCKER-USER';

const jumpOf = ({ text }: Pick<Rule, 'text'>): string | undefined => /-[jg] (\S+)/.exec(text)?.[1];

/** Said where a firewall meets an answer whose request it has not seen, or has let the first packets of a connection pass. */
export const unseenEn = (p: Shown): string =>
  p('opened') === 'true'
    ? ' The first packets of the connection passed: the sender believes that it is connected. What follows does not begin a connection any more, and nothing accepts what belongs to an open one (ESTABLISHED) before it is stopped here.'
    : p('unseen') === 'true'
      ? ` ${p('namespace')} has not seen the request: it took another way than the answer takes, so to a firewall here the answer belongs to no connection.`
      : '';
export const unseenZh = (p: Shown): string =>
  p('opened') === 'true'
    ? '连接最初的数据包通过了，发起方以为已经连上。后面的数据包不再算新连接，而在被这里拦下之前，没有规则接受已建立连接（ESTABLISHED）的数据包。'
    : p('unseen') === 'true'
      ? `${p('namespace')} 没有见过请求：请求走的路与应答不同，所以在这里的防火墙看来，应答不属于任何连接。`
      : '';

/** What every text about a rule needs. */
export const ruleParams = (
  { snapshot, namespace, packet, direction, forward, opened }: WaySituation,
  { decidedBy, answer }: FilterStep,
): Params => ({
  namespace: labelIn(snapshot, namespace),
  backend: decidedBy.backend,
  family: decidedBy.family,
  table: decidedBy.table,
  chain: decidedBy.chain,
  hook: decidedBy.hook,
  rule: decidedBy.rule?.text ?? null,
  number: decidedBy.rule?.number ?? null,
  handle: decidedBy.rule?.handle ?? null,
  answer: answer ?? null,
  source: packet.source,
  destination: packet.destination,
  protocol: packet.protocol,
  port: !hasPorts(packet) ? null : direction === 'forward' ? packet.destinationPort : packet.sourcePort,
  direction,
  // The request took another way: whoever follows connections here knows of none that the answer belongs to.
  ...(opened ? { opened } : {}),
  unseen: direction === 'back' && !forward.hops.some((hop) => hop.namespace === namespace),
});
