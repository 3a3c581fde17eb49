import { labelIn } from '../causes/situation.ts';
import type { Flow } from '../model/flow.ts';
import { sameAddress } from '../model/ip.ts';
import { valueOr } from '../model/fact.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { Way } from './judge-way.ts';
import type { Note } from './notes.ts';

/** TO is a place, and another one with the same address takes what is sent: an answer says nothing about TO. */
export function namesakeNotes(snapshot: Snapshot, flow: Flow, ways: readonly Way[]): readonly Note[] {
  const { to } = flow;
  if (to.type !== 'namespace') return [];
  for (const { start, trip } of ways) {
    const end = trip.forward.hops.at(-1)?.namespace;
    if (trip.forward.disposition !== 'delivered' || end === undefined || end === to.namespace) continue;
    // Behind a mapping or a load balancer it is meant to be another.
    const links = findNamespace(snapshot, end)?.facts.links;
    const own = (links ? valueOr(links, []) : []).flatMap(({ addresses }) => addresses);
    if (!own.some(({ address }) => sameAddress(address, start.destination))) continue;
    const [asked, answers] = [labelIn(snapshot, to.namespace), labelIn(snapshot, end)];
    return [{ type: 'namesake', address: start.destination, asked, answers }];
  }
  return [];
}
