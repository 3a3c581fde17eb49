import { addressBits, sameAddress } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { lostBehind, type Translation } from '../nat-ways.ts';
import { labelIn, ownersOf, packetAfter, type Owner, type WaySituation } from '../situation.ts';
import { ANY } from '../../fixes/rule-spec.ts';
import { placeOf } from '../verdict-rule.ts';

/** A rule puts an address on the request that its machine does not have, and answers to it never come back there. */
export const snatElsewhere: CauseKind = {
  id: 'snat-elsewhere',
  find(situation) {
    if (situation.type !== 'way') return null;
    const changed = lostBehind(situation);
    if (!changed) return null;
    const { snapshot, namespace, packet, trace } = situation;
    const given = packet.destination;
    const owners = ownersOf(snapshot, given);
    if (!endsAt(situation, owners)) return null;
    if (owners.some((owner) => owner.namespace === changed.hop.namespace)) return null;
    return {
      id: 'snat-elsewhere',
      place: { namespace: changed.hop.namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, changed.hop.namespace),
        sender: changed.before.source,
        given,
        rule: changed.rule.text,
        number: changed.rule.number,
        chain: changed.decidedBy.chain,
        table: changed.decidedBy.table,
        backend: changed.decidedBy.backend,
        owner: owners[0] ? labelIn(snapshot, owners[0].namespace) : null,
        lost: labelIn(snapshot, namespace),
      },
      evidence: [ruleEvidence(snapshot, changed.hop.namespace, changed.decidedBy)],
      remedies: remediesOf(situation, changed, owners.length === 0),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `A rule in ${p('namespace')} gives the packet of ${p('sender')} the sender’s address ${p('given')}, ${p('owner') === '' ? 'which nobody has' : `which is ${p('owner')}’s`}: the answer does not come back`,
      explanation: (p) =>
        `Rule ${p('number')} of chain ${p('chain')} (table ${p('table')}, ${p('backend')}) replaces the sender: “${p('rule')}”. The answer goes to ${p('given')}, and would have to come to ${p('namespace')}, which alone can change it back. But ${p('namespace')} does not have that address, and in ${p('lost')} the answer goes no further, or to somebody else. Either the rule puts an address there that ${p('namespace')} has (masquerading takes the right one by itself), or ${p('namespace')} is given the address.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的一条规则把 ${p('sender')} 的数据包的源地址换成 ${p('given')}，${p('owner') === '' ? '而没有机器使用这个地址' : `而这是 ${p('owner')} 的地址`}：应答回不来`,
      explanation: (p) =>
        `链 ${p('chain')} 的第 ${p('number')} 条规则（表 ${p('table')}，${p('backend')}）改写了发送者：“${p('rule')}”。应答会发往 ${p('given')}，必须回到 ${p('namespace')}，因为只有它能改回来。可是 ${p('namespace')} 没有这个地址，应答到了 ${p('lost')} 就停住了，或者到了别的机器。要么让规则换上 ${p('namespace')} 自己的地址（地址伪装会自动选对），要么把这个地址配给 ${p('namespace')}。`,
    },
  },
};

/** Who answers asks for this address in vain, or somebody else has it. Where no route leads to who has it, that is what is wrong. */
const endsAt = ({ step, namespace, packet, trace }: WaySituation, owners: readonly Owner[]): boolean => {
  if (step.kind === 'neighbour') return step.mac === null && sameAddress(step.address, packet.destination);
  if (owners.length === 0) return trace.disposition === 'no-route';
  return trace.disposition === 'refused' && owners.some((owner) => owner.namespace === namespace);
};

function remediesOf(
  { packet }: WaySituation,
  { hop, decidedBy, rule, before }: Translation,
  free: boolean,
): readonly Remedy[] {
  const { namespace } = hop;
  const place = placeOf(namespace, decidedBy, decidedBy.chain);
  const outDev =
    hop.steps.flatMap((step) => (step.kind === 'route' ? (step.dev ?? []) : [])).at(-1) ?? hop.outDev;
  const address = packet.destination;
  const length = addressBits(packet.family);
  return [
    {
      actions: [
        {
          kind: 'insert-rule',
          place,
          before: rule,
          spec: {
            ...ANY,
            source: before.source,
            destination: packetAfter(hop).destination,
            action: { type: 'masquerade' },
          },
        },
      ],
    },
    ...(free && outDev !== null
      ? [{ actions: [{ kind: 'add-address' as const, namespace, dev: outDev, address, length }] }]
      : []),
    { actions: [{ kind: 'delete-rule', place, rule }] },
  ];
}
