import { packetAfter } from '../causes/situation.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { addressOwners } from '../simulate/neighbour/owners.ts';
import { predict } from '../simulate/answer/predict.ts';
import { unseenLinks } from '../simulate/tunnel/tunnels.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { ProbeWatch } from '../source.ts';

/** What is worth listening for while this trip is probed: as the walk foretells it. */
export function watchOf(snapshot: Snapshot, trip: RoundTrip): ProbeWatch {
  const { start, forward } = trip;
  const expected = predict(trip);
  return {
    expectsError: !(expected.certain && expected.outcome === 'reply'),
    destinations: [
      ...new Set([
        start.destination,
        ...forward.hops.flatMap((hop) => [hop.packet.destination, packetAfter(hop).destination]),
      ]),
    ],
    receiver: start.protocol === 'udp' ? receiverOf(snapshot, trip) : null,
  };
}

/** Interfaces that nobody has looked at, where the walk did not come to a receiver: one of them may have its address. */
export const factsForReceiver = (snapshot: Snapshot, { forward }: RoundTrip): readonly MissingFact[] =>
  forward.hops.at(-1)?.steps.some(({ kind }) => kind === 'deliver') === true ? [] : unseenLinks(snapshot);

/** Where it is foretold to arrive; else who has the address that it is for in the end, if that is one. */
function receiverOf(snapshot: Snapshot, { forward, start }: RoundTrip): ProbeWatch['receiver'] {
  const hop = forward.hops.at(-1);
  const deliver = hop?.steps.findLast((step) => step.kind === 'deliver');
  const last = hop && packetAfter(hop);
  const port = last?.destinationPort ?? start.port ?? 0;
  if (hop && deliver) return { namespace: hop.namespace, port: deliver.socket?.port ?? port };
  const destination = last?.destination ?? start.destination;
  const owners = new Set(addressOwners(snapshot, destination).owners.map(({ namespace }) => namespace));
  const [owner] = owners;
  return owner !== undefined && owners.size === 1 ? { namespace: owner, port } : null;
}
