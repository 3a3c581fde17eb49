import type { NamespaceId } from '../model/ids.ts';
import { prefixContains, sameAddress } from '../model/ip.ts';
import type { Route } from '../model/route.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Disposition, Hop, Step } from '../model/trace.ts';
import { changeRoutes, keyOf, makeRoute } from '../fixes/patch.ts';
import { predict } from '../simulate/answer/predict.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import { valueOr } from '../model/fact.ts';
import { keptInside } from './closed-network.ts';
import type { Gateway } from './gateways.ts';
import { factsIn, linkIn, ownersOf, peerOf, type WaySituation } from './situation.ts';
import { unanswered } from './unanswered.ts';

/** A route that was chosen on the way, and where. */
export interface Decision {
  readonly namespace: NamespaceId;
  readonly hop: Hop;
  readonly step: Extract<Step, { kind: 'route' }>;
  readonly route: Route;
}

/** The unicast routes that a packet took, the last first: the nearer to the end, the likelier to blame. */
export const decisionsOf = ({ trace }: WaySituation): readonly Decision[] =>
  trace.hops
    .flatMap((hop) =>
      hop.steps.flatMap((step) =>
        step.kind === 'route' && step.route?.type === 'unicast'
          ? [{ namespace: hop.namespace, hop, step, route: step.route }]
          : [],
      ),
    )
    .reverse();

/** Ends that a packet comes to which was sent somewhere else than where its destination is. */
const ASTRAY: ReadonlySet<Disposition> = new Set([
  'no-route',
  'not-forwarded',
  'neighbour-unresolved',
  'exits-machine',
  'loop',
  'ttl-expired',
  'filtered-source',
]);

/** Whether a route may have led a packet astray: it got somewhere, and nobody there knows it. */
export function ledAstray(situation: WaySituation, { namespace, step }: Decision): boolean {
  const { trace, packet } = situation;
  if (intoItself(situation, namespace, step) || awayFromItself(situation, namespace, step)) return true;
  if (intoOtherSegment(situation, namespace, step)) return true;
  // Out of an internal network nothing gets, whoever has another network too.
  if (keptInside(situation)?.container.namespace === namespace) return true;
  if (!ASTRAY.has(trace.disposition)) return false;
  const filtered = trace.disposition === 'filtered-source' && situation.step.kind !== 'receive';
  if (filtered && !cameBack(situation)) return false;
  // A gateway that does not exist leads nowhere at all: that is another failure.
  const asked = unanswered(situation);
  return !(
    asked?.namespace === namespace &&
    step.via !== undefined &&
    sameAddress(asked.address, step.via) &&
    !sameAddress(step.via, packet.destination)
  );
}

/** Its own sender has the packet again, and refuses it: what speaks from its address cannot come from outside. */
const cameBack = ({ trace, namespace }: WaySituation): boolean =>
  trace.hops.length > 1 && trace.hops[0]?.namespace === namespace;

/**
 * The network of a bridge here is taken for the destination's, and the packet was lost there (nothing is attached to the bridge, a
 * firewall keeps others out of it), while who has the address is somewhere else.
 */
function intoOtherSegment(
  { snapshot, trace, namespace: end }: WaySituation,
  namespace: NamespaceId,
  { dev, via, destination }: Decision['step'],
): boolean {
  if (end !== namespace || via !== undefined || dev === undefined) return false;
  if (trace.disposition !== 'link-down' && trace.disposition !== 'dropped') return false;
  const bridge = linkIn(snapshot, namespace, dev);
  if (bridge?.kind.type !== 'bridge') return false;
  return !ownersOf(snapshot, destination).some((owner) => {
    const wire = peerOf(snapshot, owner.link);
    return (
      owner.namespace === namespace || (wire?.namespace === namespace && wire.link.master === bridge.index)
    );
  });
}

/** A route by the loopback interface gives to a machine itself what is not for it. */
const intoItself = (
  { snapshot, namespace: end }: WaySituation,
  namespace: NamespaceId,
  { dev, destination }: Decision['step'],
): boolean =>
  end === namespace &&
  dev !== undefined &&
  linkIn(snapshot, namespace, dev)?.kind.type === 'loopback' &&
  !ownersOf(snapshot, destination).some((owner) => owner.namespace === namespace);

/** What a machine sends to an address of its own, its loopback's above all, left by a wire. */
const awayFromItself = (
  { snapshot, trace: { hops } }: WaySituation,
  namespace: NamespaceId,
  { dev, destination }: Decision['step'],
): boolean =>
  hops[0]?.namespace === namespace &&
  dev !== undefined &&
  linkIn(snapshot, namespace, dev)?.kind.type !== 'loopback' &&
  ownersOf(snapshot, destination).some((owner) => owner.namespace === namespace);

/** The same flow on other facts; null where the question is not one that can be walked again. */
export const walkedOn = ({ start }: WaySituation, snapshot: Snapshot): RoundTrip | null =>
  start ? walkFlow(snapshot, start) : null;

/**
 * Whether the packet would get where it failed to get: there, or (where its answer was lost) back. Where facts of that other way
 * were not read yet, it is taken to: the walk on the mended facts asks for them, and then it is known.
 */
export function wouldArrive(situation: WaySituation, snapshot: Snapshot): boolean {
  const trip = walkedOn(situation, snapshot);
  if (!trip) return false;
  const missing = [trip.forward, trip.back].some((trace) => (trace?.missing.length ?? 0) > 0);
  if (missing) return true;
  const { disposition } = trip.forward;
  return situation.direction === 'forward'
    ? disposition === 'delivered' || disposition === 'refused'
    : predict(trip).outcome === 'reply';
}

export const routesIn = (snapshot: Snapshot, id: NamespaceId): readonly Route[] =>
  valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []);

export const withoutRoute = (snapshot: Snapshot, id: NamespaceId, route: Route): Snapshot =>
  changeRoutes(snapshot, id, (routes) =>
    routes.filter((it) => !(it.text === route.text && it.table === route.table)),
  );

/** What the kernel would take instead, in the same place: the step of a walk without the route. */
export function insteadOf(
  situation: WaySituation,
  { namespace }: Decision,
  snapshot: Snapshot,
): Extract<Step, { kind: 'route' }> | null {
  const trip = walkedOn(situation, snapshot);
  const trace = situation.direction === 'forward' ? trip?.forward : trip?.back;
  const hop = trace?.hops.find((it) => it.namespace === namespace);
  const step = hop?.steps.find((it) => it.kind === 'route');
  return step?.kind === 'route' && step.route?.type === 'unicast' ? step : null;
}

/** Routes to the same destination that are less exact than this one, or as exact and later in the table. */
export const hasOthers = (snapshot: Snapshot, { namespace, route, step }: Decision): boolean =>
  routesIn(snapshot, namespace).some(
    (other) =>
      other !== route &&
      other.type === 'unicast' &&
      other.family === route.family &&
      other.text !== route.text &&
      prefixContains(other.destination, step.destination) &&
      other.destination.length <= route.destination.length,
  );

/** Somebody in sight has the address: else no way can lead there, and none is wrong. */
export const exists = (snapshot: Snapshot, address: string): boolean =>
  ownersOf(snapshot, address).length > 0;

/** The same facts with another gateway in a route. */
export const withGateway = (
  snapshot: Snapshot,
  id: NamespaceId,
  route: Route,
  { address, dev }: Gateway,
): Snapshot =>
  changeRoutes(snapshot, id, (routes) =>
    routes.map((it) =>
      it.text === route.text && it.table === route.table
        ? makeRoute(route.destination, { via: address, dev }, keyOf(route))
        : it,
    ),
  );
