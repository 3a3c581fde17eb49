import { labelIn } from '../causes/situation.ts';
import type { Flow } from '../model/flow.ts';
import { sameAddress } from '../model/ip.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { linksOf } from '../simulate/link/wires.ts';
import type { Way } from './judge-way.ts';
import type { Note } from './notes.ts';

/** TO is a place or an address, and another one with the same address takes what is sent: an answer says nothing about TO. */
export function namesakeNotes(snapshot: Snapshot, flow: Flow, ways: readonly Way[]): readonly Note[] {
  const { to } = flow;
  for (const { start, trip } of ways) {
    const { disposition, hops } = trip.forward;
    const end = hops.at(-1)?.namespace;
    if ((disposition !== 'delivered' && disposition !== 'refused') || end === undefined) continue;
    const { destination: address } = start;
    // Behind a mapping or a load balancer it is meant to be another.
    if (!hasIt(snapshot, end, address)) continue;
    const answers = labelIn(snapshot, end);
    if (to.type === 'namespace') {
      if (end === to.namespace) continue;
      return [{ type: 'namesake', address, asked: labelIn(snapshot, to.namespace), answers }];
    }
    // Every machine has these, each its own.
    if (hops.length > 1 || /^(?:127\.|::1$|fe80:)/i.test(address)) continue;
    const others = snapshot.namespaces.filter(({ id }) => id !== end && hasIt(snapshot, id, address));
    if (others.length === 0) continue;
    const named = others.map(({ id }) => labelIn(snapshot, id)).join(', ');
    return [{ type: 'own-address', address, asker: answers, others: named }];
  }
  return [];
}

const hasIt = (snapshot: Snapshot, id: NamespaceId, wanted: string): boolean =>
  (linksOf(snapshot, id) ?? []).some(({ addresses }) =>
    addresses.some(({ address }) => sameAddress(address, wanted)),
  );
