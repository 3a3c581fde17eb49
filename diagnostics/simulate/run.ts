import { groupBy } from '../model/remember.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Hop } from '../model/trace.ts';
import {
  blocked,
  ended,
  enter,
  withDoubts,
  type Ended,
  type Journey,
  type Next,
  type Place,
} from './journey.ts';
import { makePacket } from './ip/output.ts';
import { receiveHanded } from './ip/local-input.ts';
import { sendAgain } from './ip/send-again.ts';
import { receiveFrame } from './link/receive.ts';
import { unanswered } from './ip/send.ts';
import { transmit } from './link/transmit.ts';
import { discoverThrough } from './tunnel/discover.ts';
import { throughTunnel } from './tunnel/tunnel-walk.ts';
import { linkByIndex, openNamespace, type View } from './view.ts';

/** Ways that are followed side by side; with more nothing useful can be said. */
const MOST_WAYS = 64;
/** A frame that circles in a loop of bridges never ends; a routed packet runs out of TTL long before. */
const MOST_HOPS = 600;

const stateKey = (journey: Journey, place: Place): string =>
  JSON.stringify([
    place,
    journey.packet,
    journey.about,
    [...journey.tracking],
    [...journey.filled],
    [...journey.learned],
    [...journey.snooped],
  ]);

type Moving = Extract<Next, { type: 'moving' }>;

/** Ways that came to the same state are one from here: what differed did not matter. */
const merged = (ways: readonly Moving[]): readonly Moving[] => {
  if (ways.length < 2) return ways;
  return [...groupBy(ways, ({ journey, place }) => stateKey(journey, place)).values()].flatMap(
    ([first, ...others]) => (first ? [others.reduce(joined, first)] : []),
  );
};

const joined = (one: Moving, other: Moving): Moving => ({
  ...one,
  journey: {
    ...one.journey,
    doubts: [...new Set([...one.journey.doubts, ...other.journey.doubts])],
    forks: [...new Set([...one.journey.forks, ...other.journey.forks])],
    chances: [...new Set([...one.journey.chances, ...other.journey.chances])],
  },
});

const advance = (snapshot: Snapshot, journey: Journey, place: Place): readonly Next[] => {
  const opened = openNamespace(snapshot, place.namespace);
  if (opened.state === 'closed')
    return [blocked(enter(journey, place.namespace, null), opened.reason, opened.missing)];
  switch (place.type) {
    case 'output':
      return makePacket(snapshot, opened.view, enter(journey, place.namespace, null), place.request);
    case 'arrival':
      return receiveFrame(snapshot, opened.view, journey, place.link, place.frame);
    case 'tunnel': {
      const link = linkByIndex(opened.view, place.link);
      const at = { link, frame: place.frame };
      return throughTunnel(snapshot, opened.view, journey, at, follow);
    }
    case 'again':
      return sendAgain(snapshot, opened.view, entered(journey, place.namespace), place.device);
    case 'handed':
      return receiveHanded(snapshot, opened.view, journey, place.link);
    case 'discovery':
      return discover(snapshot, opened.view, journey, place);
  }
};

/** What crossed from another namespace is new in this one. */
const entered = (journey: Journey, namespace: string): Journey =>
  journey.hops.at(-1)?.namespace === namespace ? journey : enter(journey, namespace, null);

/** The question for the next hop's hardware address, and the answer, come through tunnels before the frame does. */
const discover = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  place: Extract<Place, { type: 'discovery' }>,
): readonly Next[] => {
  const link = linkByIndex(view, place.link);
  if (!link) return [blocked(journey, `a device of ${view.label} was not found`, [])];
  const found = discoverThrough(snapshot, journey, place, follow);
  if (found.blocked) return [found.blocked];
  const fault = found.fault ?? place.fault;
  if (fault) return [unanswered(view, withoutNeighbour(journey), link, place.towards, fault)];
  return transmit(snapshot, view, found.journey, link, place.frame);
};

/** The answer that was expected did not come. */
const withoutNeighbour = (journey: Journey): Journey => {
  const last = journey.hops.at(-1);
  if (!last) return journey;
  const steps = last.steps.filter((step, at) => step.kind !== 'neighbour' || at < last.steps.length - 1);
  return { ...journey, hops: [...journey.hops.slice(0, -1), { ...last, steps }] };
};

const visitKey = (hop: Hop): string => `${hop.namespace} ${hop.inDev} ${hop.packet.destination}`;

/**
 * A packet that came by the same way until its TTL ran out went in a circle: once around is enough to show. What it was sent by
 * is none: a sender with a tunnel of its own is there twice, with its packet and with the tunnel's.
 */
const recogniseLoop = (end: Ended): Ended => {
  if (end.ending.disposition !== 'ttl-expired') return end;
  const { hops } = end.journey;
  const seen = new Set<string>();
  const again = hops.findIndex((hop) => {
    if (hop.inDev === null) return false;
    const key = visitKey(hop);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
  const last = hops.at(-1);
  if (again < 0 || !last) return end;
  return {
    ...end,
    journey: { ...end.journey, hops: [...hops.slice(0, again), last] },
    ending: { ...end.ending, disposition: 'loop' },
  };
};

/** Follows a packet until every way it may take has ended. */
export function follow(snapshot: Snapshot, journey: Journey, place: Place): readonly Ended[] {
  let waiting: readonly Moving[] = [{ type: 'moving', journey, place }];
  const ends: Ended[] = [];
  while (waiting.length > 0) {
    const now = waiting;
    const onward: Moving[] = [];
    for (const next of now.flatMap((one) => advance(snapshot, one.journey, one.place))) {
      if (next.type === 'ended') ends.push(recogniseLoop(next));
      else if (next.journey.hops.length >= MOST_HOPS) {
        const loop = ended(next.journey, 'loop');
        if (loop.type === 'ended') ends.push(loop);
      } else onward.push(next);
    }
    waiting = merged(onward);
    if (waiting.length + ends.length > MOST_WAYS) {
      const first = now[0];
      if (!first) break;
      const lost = ended(
        withDoubts(first.journey, ['too many rules cannot be decided: more than 64 ways are possible']),
        'unknown',
      );
      return lost.type === 'ended' ? [lost] : [];
    }
  }
  return ends;
}
