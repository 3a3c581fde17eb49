import { sameAddress } from '../model/ip.ts';
import type { Packet } from '../model/packet.ts';
import type { Hop, RuleReference, Step, Trace } from '../model/trace.ts';
import { packetAfter, type WaySituation } from './situation.ts';

/** A rule on the way there that changed an end of the packet, and where. */
export interface Translation {
  readonly hop: Hop;
  readonly step: Extract<Step, { kind: 'translate' }>;
  readonly decidedBy: RuleReference;
  readonly rule: NonNullable<RuleReference['rule']>;
  /** As the rule found it. */
  readonly before: Packet;
}

/** The rules on the way there that changed this end of the packet, in their order. */
const translationsOf = (
  { hops }: Trace,
  what: Extract<Step, { kind: 'translate' }>['what'],
): readonly Translation[] =>
  hops.flatMap((hop) =>
    hop.steps.flatMap((step, at) =>
      step.kind === 'translate' && step.what === what && step.decidedBy?.rule
        ? [
            {
              hop,
              step,
              decidedBy: step.decidedBy,
              rule: step.decidedBy.rule,
              before: packetAfter(hop, hop.steps.slice(0, at)),
            },
          ]
        : [],
    ),
  );

/** Whoever translated the request has to translate its answer back: whether the answer came by there at all. */
const cameBy = ({ trace }: WaySituation, { hop }: Translation): boolean =>
  trace.hops.some(({ namespace }) => namespace === hop.namespace);

/**
 * An answer that reached who asked, from the address that a rule had put in place of the one that was asked: it took another
 * way than by the machine with that rule, and no program knows it.
 */
export function bypassedBy(situation: WaySituation): Translation | null {
  const { direction, forward, trace, packet, namespace, step } = situation;
  if (direction !== 'back' || step.kind !== 'deliver' || trace.disposition !== 'refused') return null;
  if (forward.hops[0]?.namespace !== namespace) return null;
  const [first] = translationsOf(forward, 'destination');
  const asked = first?.before.destination;
  if (!first || asked === undefined || sameAddress(packet.source, asked)) return null;
  // Made by the sender itself, it is undone there.
  return first.hop.namespace === namespace || cameBy(situation, first) ? null : first;
}

/** A rule that put an address on the request to which no answer finds the way back. */
export function lostBehind(situation: WaySituation): Translation | null {
  const { direction, forward, packet } = situation;
  if (direction !== 'back') return null;
  const last = translationsOf(forward, 'source').at(-1);
  if (!last || cameBy(situation, last)) return null;
  const given = packetAfter(last.hop).source;
  return sameAddress(packet.destination, given) ? last : null;
}
