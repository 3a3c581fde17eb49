import type { ProbedSizes } from '../model/diagnosis.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { LargePackets } from '../simulate/answer/large.ts';
import { addressAsked, deviceAsked } from '../simulate/start.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { FactSource, ProbeQuestion, RawProbe } from '../source.ts';

/** How long one of them may take: small ones came back before. */
const PATIENCE_MILLISECONDS = 1000;
/** Tried side by side in each round of the search for the largest that passes. */
const SIDE_BY_SIDE = 6;
const MOST_ROUNDS = 3;
/** Small enough for every link (RFC 791), and for IPv6's smallest. */
const SMALL = 100;

type Ask = (size: number) => Promise<RawProbe>;

/**
 * Asks the kernel whether packets as large as the sender makes them pass whole: where devices on the way differ, or where the
 * question is about a size. Echo requests do it, from each end that can be entered; nothing is written into a connection.
 */
export async function probeLarge(
  source: FactSource,
  snapshot: Snapshot,
  trip: RoundTrip,
  large: readonly LargePackets[],
  signal?: AbortSignal,
): Promise<readonly ProbedSizes[]> {
  const { probe } = source;
  if (!probe || trip.start.from !== 'namespace') return [];
  const differs = trip.start.largest !== undefined || mtusDiffer(snapshot, trip, large);
  if (!differs) return [];
  const answers = worthAsking(large).map(async (packets): Promise<ProbedSizes | null> => {
    const from = senderOf(trip, packets);
    if (from === null) return null;
    const ask: Ask = (size) =>
      probe(
        { ...from, protocol: 'icmp', port: null, size, timeoutMilliseconds: PATIENCE_MILLISECONDS },
        signal,
      );
    return { direction: packets.direction, ...(await search(ask, packets)) };
  });
  return (await Promise.all(answers)).filter((answer) => answer !== null);
}

/**
 * What is foretold to vanish; else what goes there. An end that is told of a smaller size remembers it for ten minutes, and asks
 * for smaller segments, too: probed without need, one direction would mend the other for a while.
 */
const worthAsking = (large: readonly LargePackets[]): readonly LargePackets[] => {
  const lost = large.filter(({ fate }) => fate === 'lost');
  return lost.length > 0
    ? lost
    : large.filter(({ direction, fate }) => direction === 'forward' && fate !== 'unclear' && fate !== 'cut');
};

/** Whether a smaller MTU than the first one is on the way: else there is nothing to find out. */
function mtusDiffer(snapshot: Snapshot, trip: RoundTrip, large: readonly LargePackets[]): boolean {
  if (large.some(({ fate }) => fate === 'lost' || fate === 'adapts')) return true;
  const mtus = [trip.forward, trip.back].flatMap((trace) =>
    (trace?.hops ?? []).flatMap((hop) => {
      const links = snapshot.namespaces.find(({ id }) => id === hop.namespace)?.facts.links;
      const devices = [hop.inDev, hop.outDev];
      return links?.state === 'known'
        ? links.value
            .filter(({ name, kind }) => devices.includes(name) && kind.type !== 'loopback')
            .map(({ mtu }) => mtu)
        : [];
    }),
  );
  return new Set(mtus).size > 1;
}

/** Who sends them, and to whom; null where an address is translated on the way, so that another packet would be asked for. */
function senderOf(
  { start, ways }: RoundTrip,
  { direction }: LargePackets,
): Pick<ProbeQuestion, 'namespace' | 'address' | 'source' | 'device'> | null {
  const [there] = ways;
  if (direction === 'forward')
    return { namespace: start.namespace, address: addressAsked(start), ...deviceAsked(start) };
  const back = there?.back[0];
  const sent = back?.journey.hops[0];
  const first = there?.forward.journey.hops[0]?.steps.find((step) => step.kind === 'send');
  const answer = sent?.steps.find((step) => step.kind === 'send');
  if (!sent || first?.kind !== 'send' || answer?.kind !== 'send') return null;
  const same =
    answer.packet.source === first.packet.destination && answer.packet.destination === first.packet.source;
  return same && sent.namespace !== start.namespace
    ? { namespace: sent.namespace, address: answer.packet.destination, source: answer.packet.source }
    : null;
}

type Found = Omit<ProbedSizes, 'direction'>;

const answers = ({ outcome }: RawProbe): boolean => outcome === 'reply';
const vanishes = ({ outcome }: RawProbe): boolean => outcome === 'timeout';

/** The first size, a small one, and those that were foretold, at once; else a search between what passes and what does not. */
async function search(ask: Ask, { first, passes, fate }: LargePackets): Promise<Found> {
  const foretold = fate === 'lost' && passes !== null ? [passes, passes + 1] : [];
  const [small, largest, below, above] = await Promise.all([SMALL, first, ...foretold].map(ask));
  if (!small || !largest || !answers(small)) return { fate: 'unclear', passes: null, vanishes: null };
  if (answers(largest)) return { fate: 'passes', passes: first, vanishes: null };
  if (largest.outcome === 'too-big') return heeded(ask, largest);
  if (!vanishes(largest)) return { fate: 'unclear', passes: SMALL, vanishes: null };
  if (passes !== null && below && above && answers(below) && vanishes(above))
    return { fate: 'lost', passes, vanishes: passes + 1 };
  if (fate !== 'lost') {
    // A tunnel's kernel loses the first one, and its sender has learnt from that.
    const again = await ask(first);
    if (again.outcome === 'too-big') return heeded(ask, again);
  }
  return between(ask, SMALL, first);
}

/** A sender that is told of a size takes it. */
async function heeded(ask: Ask, { mtu }: RawProbe): Promise<Found> {
  if (mtu === undefined) return { fate: 'adapts', passes: SMALL, vanishes: null };
  const again = await ask(mtu);
  if (answers(again)) return { fate: 'adapts', passes: mtu, vanishes: null };
  return vanishes(again) ? between(ask, SMALL, mtu) : { fate: 'unclear', passes: SMALL, vanishes: null };
}

async function between(ask: Ask, low: number, high: number): Promise<Found> {
  let [passes, lost] = [low, high];
  for (let round = 0; round < MOST_ROUNDS && lost - passes > 1; round += 1) {
    const step = (lost - passes) / (SIDE_BY_SIDE + 1);
    const sizes = Array.from({ length: SIDE_BY_SIDE }, (_, at) => Math.floor(passes + step * (at + 1)));
    const unique = [...new Set(sizes)].filter((size) => size > passes && size < lost);
    const tried = await Promise.all(unique.map(async (size) => ({ size, passed: answers(await ask(size)) })));
    passes = Math.max(passes, ...tried.filter((it) => it.passed).map(({ size }) => size));
    lost = Math.min(lost, ...tried.filter((it) => !it.passed && it.size > passes).map(({ size }) => size));
  }
  return { fate: 'lost', passes, vanishes: lost };
}
