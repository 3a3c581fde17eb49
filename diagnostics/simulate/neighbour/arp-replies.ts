import { remember } from '../../model/remember.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import type { BridgeCrossing, Crossing, Segment } from '../link/station.ts';
import type { Next } from '../journey.ts';
import { openNamespace } from '../view.ts';
import type { NeighbourRequest } from './arp.ts';
import { EVERYBODY } from '../link/group-address.ts';
import { arp, cross, filtersArp, leave, type Speaker } from './nd-filter.ts';

/** A rule that answered in another's place; or what has to be read to know. */
export type SpokenFor =
  | {
      readonly type: 'answered';
      readonly mac: string;
      readonly path: readonly Crossing[];
      readonly doubts: readonly string[];
    }
  | { readonly type: 'unknown'; readonly missing: readonly MissingFact[] };

/** The ways over bridges that a broadcast takes on a segment, each as far as a bridge: the shorter ones first. */
const waysOver = remember(({ stations }: Segment): readonly (readonly BridgeCrossing[])[] => {
  const found = new Map<string, readonly BridgeCrossing[]>();
  for (const { crossed, fault } of stations) {
    const path: BridgeCrossing[] = [];
    for (const one of fault ? [] : crossed) {
      if (one.type !== 'bridge') break;
      path.push(one);
      // What happens before the bridge has decided by which port it goes on.
      const key = path.map(({ namespace, bridge, inPort }) => `${namespace} ${bridge} ${inPort}`).join(' ');
      if (one.inPort !== null && !found.has(key)) found.set(key, [...path]);
    }
  }
  return [...found.values()].sort((a, b) => a.length - b.length);
});

/** ebt_arpreply_tg(): a bridge on the way answers a question of ARP by itself, before anybody hears it. Null: none does. */
export function answeredByRules(
  snapshot: Snapshot,
  asker: Speaker,
  segment: Segment,
  { sender, target }: NeighbourRequest,
): SpokenFor | null {
  const packet = arp(sender, target, { operation: 'request', senderMac: asker.link.mac, targetMac: null });
  const macs = { source: asker.link.mac, destination: EVERYBODY };
  const missing: MissingFact[] = [];
  const ask = (one: BridgeCrossing): readonly Next[] => {
    const opened = openNamespace(snapshot, one.namespace);
    if (opened.state === 'closed') missing.push(...opened.missing);
    return opened.state === 'open' && filtersArp([opened.view])
      ? cross(opened.view, one, packet, macs, null)
      : [];
  };
  for (const path of waysOver(segment)) {
    const last = path.at(-1);
    const ends = last ? ask(last) : [];
    const answers = new Set(ends.map(({ journey }) => journey.arpAnswer));
    const mac = [...answers].find((answer) => answer !== undefined);
    if (mac === undefined || leave(asker, packet).every(isLost)) continue;
    if (path.slice(0, -1).some((before) => isAllLost(ask(before)))) continue;
    const doubts = answers.size > 1 ? [`which rule answers for ${target} in its place is not certain`] : [];
    return { type: 'answered', mac, path, doubts };
  }
  return missing.length > 0 ? { type: 'unknown', missing } : null;
}

const isLost = ({ type }: Next): boolean => type === 'ended';
const isAllLost = (ends: readonly Next[]): boolean => ends.length > 0 && ends.every(isLost);
