import { findSet, isElement, type SetPlace } from '../fixes/set-patch.ts';
import { findChain } from '../fixes/rule-patch.ts';
import type { Remedy } from './finding.ts';
import type { WaySituation } from './situation.ts';
import { placeOf, type FilterStep } from './verdict-rule.ts';

/** Of a rule that throws away what comes from (or goes to) the addresses of a set: the packet's own leaves the set. */
export function leaveRemedies(
  { snapshot, namespace, packet }: WaySituation,
  { decidedBy }: FilterStep,
): readonly Remedy[] {
  const place = placeOf(namespace, decidedBy, decidedBy.chain);
  const rule = findChain(snapshot, place)?.rules.find(({ number }) => number === decidedBy.rule?.number);
  return (rule?.parts ?? []).flatMap((part): readonly Remedy[] => {
    if (part.type !== 'compare' || part.negate || part.values.type !== 'set' || part.fields.length > 1)
      return [];
    const [field] = part.fields;
    const address = field === 'saddr' ? packet.source : field === 'daddr' ? packet.destination : null;
    const { backend, family, table } = decidedBy;
    if (address === null || part.values.exceptions) return [];
    const set: SetPlace = { namespace, backend, family, table, set: part.values.name };
    const lists = [
      set,
      ...(findSet(snapshot, set)?.members ?? []).map((member) => ({ ...set, set: member })),
    ];
    return lists
      .filter((one) => findSet(snapshot, one)?.tuples.some((tuple) => isElement(tuple, address)))
      .map((one) => ({ actions: [{ kind: 'leave-set', place: one, address }] }));
  });
}
