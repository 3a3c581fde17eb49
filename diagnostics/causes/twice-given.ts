import { freeAddress } from '../fixes/patch.ts';
import type { FixAction } from '../fixes/registry.ts';
import { valueOr } from '../model/fact.ts';
import { addressBits, sameAddress } from '../model/ip.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Remedy } from './finding.ts';
import { factsIn, ownersOf, type Owner, type WaySituation } from './situation.ts';
import { sourceRemedies } from './spoken-from.ts';

/**
 * What helps where sender and receiver have one address, from which the sender speaks: the receiver's is another one, or goes; the
 * sender speaks from another. Empty where the sender does not have it: a rule wrote it then.
 */
export function twiceGivenRemedies(situation: WaySituation, source: string): readonly Remedy[] {
  const { snapshot, namespace, trace, packet } = situation;
  const sender = trace.hops[0]?.namespace;
  const owners = ownersOf(snapshot, source);
  const [mine, theirs] = [sender, namespace].map((id) => owners.find((one) => one.namespace === id));
  if (!mine || !theirs || mine.namespace === theirs.namespace) return [];
  return [
    ...(sameAddress(packet.destination, source) ? [] : changed(snapshot, theirs)),
    ...sourceRemedies(situation),
    ...changed(snapshot, mine),
  ];
}

/** Another address of its network, or, where it is its own network, none. */
function changed(snapshot: Snapshot, { namespace, link, address }: Owner): readonly Remedy[] {
  const { address: from, length, family } = address;
  const dev = link.name;
  const free = freeAddress(snapshot, address);
  const renumbered: readonly FixAction[] =
    free === null ? [] : [{ kind: 'renumber', namespace, dev, from, to: free, length }];
  const isSpokenFrom = valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []).some(
    ({ type, preferredSource }) => type === 'unicast' && preferredSource === from,
  );
  const removed: readonly FixAction[] =
    length < addressBits(family) || isSpokenFrom
      ? []
      : [{ kind: 'remove-address', namespace, dev, address: from }];
  const actions = renumbered.length > 0 ? renumbered : removed;
  return actions.length > 0 ? [{ actions }] : [];
}
