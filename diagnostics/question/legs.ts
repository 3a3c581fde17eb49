import { labelIn } from '../causes/situation.ts';
import type { LargeWay, Leg } from '../model/diagnosis.ts';
import type { Flow } from '../model/flow.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Underlay } from '../simulate/journey.ts';
import type { LargePackets } from '../simulate/answer/large.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { Chance } from './chance-ways.ts';
import type { NameLeg } from './find-target.ts';
import type { Way } from './judge-way.ts';
import type { ProxyWay } from './proxy.ts';

/** Every part of the answer that was walked by itself: names, addresses, relays behind them, proxies, tunnels below them. */
export function legsOf(
  snapshot: Snapshot,
  flow: Flow,
  ways: readonly Way[],
  names: readonly NameLeg[],
  proxied: ProxyWay | null,
): readonly Leg[] {
  const underlays = (trip: RoundTrip): readonly Leg[] =>
    trip.underlays.map((it) => underlayLeg(it, labelIn(snapshot, it.namespace)));
  const leg = (
    kind: Leg['kind'],
    from: string,
    trip: RoundTrip,
    large: readonly LargePackets[] = [],
    chance?: Chance,
  ): Leg => ({
    kind,
    flow: { from, to: trip.start.destination, protocol: trip.start.protocol, port: trip.start.port },
    forward: trip.forward,
    back: trip.back,
    ...largeWays(large),
    ...(chance && chance.arriving !== 'all' ? { chance: { way: chance.way, of: chance.of } } : {}),
  });
  return [
    ...names.map(({ trip, queries }) => ({ ...leg('dns', flow.fromText, trip), queries })),
    ...ways.flatMap(({ trip, relays, large, chance }) => [
      leg('direct', flow.fromText, trip, large[0], chance),
      ...underlays(trip),
      ...relays.flatMap(({ relay, trip: behind }, index) => [
        leg('relay', labelIn(snapshot, relay.namespace), behind, large[index + 1]),
        ...underlays(behind),
      ]),
    ]),
    ...(proxied?.trip ? [leg('relay', flow.fromText, proxied.trip)] : []),
    ...(proxied?.behind
      ? [leg('relay', labelIn(snapshot, proxied.behind.start.namespace), proxied.behind)]
      : []),
  ];
}

/** Worth showing only where they do not simply pass. */
function largeWays(large: readonly LargePackets[]): Pick<Leg, 'large'> {
  const ways = large.flatMap(({ direction, fate, first, passes, trace, notice }): readonly LargeWay[] =>
    fate === 'adapts' || fate === 'lost' || fate === 'cut'
      ? [{ direction, fate, first, passes, trace, notice }]
      : [],
  );
  return ways.length === 0 ? {} : { large: ways };
}

/** The way of a tunnel's own packets. */
const underlayLeg = ({ remote, protocol, port, trace }: Underlay, from: string): Leg => ({
  kind: 'underlay',
  flow: { from, to: remote, protocol, port },
  forward: trace,
  back: null,
});
