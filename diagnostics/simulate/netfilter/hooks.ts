import { familyOf } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Hook } from '../../model/ruleset.ts';
import { routeFromHere } from '../route/from-here.ts';
import { addressType } from '../route/route.ts';
import { isInvalid, wrongChecksum } from '../link/checksum.ts';
import {
  afterHook,
  clashes,
  asConnection,
  confirmed,
  natPlan,
  recognise,
  unrecognised,
  untranslated,
  type Current,
  type Tracked,
} from './conntrack.ts';
import {
  blocked,
  ended,
  recordsIn,
  withDoubts,
  withForks,
  withRecords,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { asTracked } from './as-tracked.ts';
import { changedFrame } from './frame.ts';
import { deviceSeen } from './device-seen.ts';
import { addressesOf, selectAddress } from '../route/source-address.ts';
import { addressScope, isUsable, selectSource } from '../route/source-selection.ts';
import { vrfOf } from '../route/vrf.ts';
import { bridgePortOf } from '../link/bridge-calls.ts';
import { ownMtu, TCP_OVERHEAD } from '../link/mtu.ts';
import { rejection } from './rejection.ts';
import { passesUnseen, runHook } from './run-hook.ts';
import type { HookInput, HookOutcome, NatPlan, Sender, Zone } from './types.ts';
import { asksForSockets, rewritesPackets, setsZones } from './rule-needs.ts';
import { socketLookup } from '../ip/socket-lookup.ts';
import { sysctlNumber } from '../sysctl.ts';
import { linkByIndex, linkByName, loopback, type View } from '../view.ts';

/** Where a packet is when it meets a hook. */
export interface HookPlace {
  readonly hook: Hook;
  readonly inDev: string | null;
  readonly outDev: string | null;
  /** The port of a VRF that it came in by, where `inDev` is the VRF. */
  readonly vrfPort?: string;
  /** The next hop, which decides the address that masquerading takes; absent before it is known, and where nothing leaves. */
  readonly towards?: string | null;
  /** Bridge ports, where br_netfilter hands over a frame. */
  readonly physicalIn?: string;
  readonly physicalOut?: string;
  /** Hardware addresses, where a frame is looked at. */
  readonly frame?: Frame;
  /** A bridge's or a device's own hooks: only tables of their family look at a frame there. */
  readonly layer?: 'bridge' | 'netdev' | 'arp';
}

/** nf_ip_hook priorities: conntrack looks at a packet where it comes in or is made. */
const beginsTracking = (hook: Hook): boolean => hook === 'prerouting' || hook === 'output';
const endsTracking = (hook: Hook): boolean => hook === 'input' || hook === 'postrouting';

const clashText = (view: View): string =>
  `two connections in ${view.label} would have the same answers: which port the second gets is not modelled`;

/** What this walk made, and what was there before it where that counts. */
const knownIn = (view: View, journey: Journey): readonly Tracked[] =>
  journey.recalls
    ? [...recordsIn(journey, view.id), ...view.connections.flatMap(asTracked)]
    : recordsIn(journey, view.id);

/** The packet's connection is looked up once in a namespace, where it comes in or is made. */
export function track(view: View, journey: Journey): Journey {
  if (journey.current) return journey;
  if (isInvalid(view, journey)) return { ...journey, current: unrecognised(journey.packet) };
  const records = knownIn(view, journey);
  const current = recognise(records, journey.packet, journey.about);
  if (!setsZones(view.ruleset) && clashes(records, current))
    return withDoubts({ ...journey, current }, [clashText(view)]);
  return current.state === 'related'
    ? { ...journey, current, about: untranslated(current) }
    : { ...journey, current };
}

const confirm = (view: View, journey: Journey): Journey => {
  const { current } = journey;
  if (!current?.fresh) return journey;
  const records = recordsIn(journey, view.id);
  const after = confirmed(records, current, journey.packet);
  if (after === records) return journey;
  const tracked = after.at(-1) ?? current.tracked;
  return { ...withRecords(journey, view.id, after), current: { ...current, tracked, fresh: false } };
};

/** The packet's connection, as it was when conntrack saw it, in the zone that a rule had put it into. */
const recognisedAs = (
  view: View,
  journey: Journey,
  current: Current,
  { packet, zone }: { readonly packet?: Packet | undefined; readonly zone: Zone | undefined },
): Current =>
  (packet === undefined && (zone === undefined || zone === current.tracked.zone)) || isInvalid(view, journey)
    ? current
    : recognise(knownIn(view, journey), packet ?? journey.packet, journey.about, zone);

const settle = (view: View, before: Journey, place: HookPlace, outcome: HookOutcome): Journey => {
  const { zone, state } = outcome.connection;
  const current =
    before.current && state !== 'untracked'
      ? recognisedAs(view, before, before.current, { packet: outcome.trackedAs, zone })
      : before.current;
  const journey =
    setsZones(view.ruleset) && current && clashes(knownIn(view, before), current)
      ? withDoubts(before, [clashText(view)])
      : before;
  const moved: Journey = {
    ...withSteps(journey, ...outcome.steps),
    packet: outcome.packet,
    ...(outcome.rerouted && place.hook === 'output' ? { rerouted: true } : {}),
    ...(outcome.filled ? { filled: new Map(journey.filled).set(view.id, outcome.filled) } : {}),
    ...(outcome.frame?.arpAnswer === undefined ? {} : { arpAnswer: outcome.frame.arpAnswer }),
    current: current ? afterHook(current, outcome.connection) : null,
  };
  return endsTracking(place.hook) && !place.layer && outcome.verdict === 'accept'
    ? confirm(view, moved)
    : moved;
};

/**
 * Runs the rules of a hook and goes on with `then` where the packet is let through. Its drop and reject are ends; locally
 * made packets that are dropped before they leave fail in the sender's system call instead.
 */
export function atHook(
  view: View,
  before: Journey,
  place: HookPlace,
  onward: (journey: Journey, frame?: Frame) => readonly Next[],
): readonly Next[] {
  const then = beginsTracking(place.hook) && !place.layer ? whereRoom(view, place.hook, onward) : onward;
  let journey = beginsTracking(place.hook) || place.layer ? track(view, before) : before;
  const unreadable = view.unreadable.get('ruleset');
  if (unreadable !== undefined) journey = withDoubts(journey, [unreadable]);
  const { current } = journey;
  if (!view.ruleset || !current) return then(current ? confirmIfLast(view, journey, place) : journey);
  const asksSockets = asksForSockets(view.ruleset);
  if (asksSockets && view.sockets.state === 'unread')
    return [
      blocked(journey, `who listens in ${view.label} was not looked at yet`, [
        { namespace: view.id, fact: 'sockets' },
      ]),
    ];
  const sockets = asksSockets ? socketLookup(view, journey, current, place.inDev) : undefined;
  const device = place.outDev ?? place.inDev ?? '';
  const nat: NatPlan =
    place.hook === 'forward' || place.hook === 'ingress' || place.hook === 'egress' || place.layer
      ? { type: 'apply' }
      : natPlan(current, journey.packet, place.hook);
  const seen = { packet: journey.packet, nat, ...(place.layer === undefined ? {} : { layer: place.layer }) };
  if (passesUnseen(view.ruleset, place.hook, seen)) return then(confirmIfLast(view, journey, place));
  const filled = journey.filled.get(view.id);
  const physicalIn = place.physicalIn ?? (place.layer ? null : bridgePortOf(view, journey));
  const outcomes = runHook(view.ruleset, place.hook, {
    ...seen,
    ...(filled ? { filled } : {}),
    inDev: place.inDev,
    outDev: place.outDev,
    ...(place.vrfPort === undefined ? {} : { vrfPort: place.vrfPort }),
    ...(physicalIn === null ? {} : { physicalIn }),
    ...(place.physicalOut === undefined ? {} : { physicalOut: place.physicalOut }),
    ...(place.frame?.source ? { etherSource: place.frame.source } : {}),
    ...(place.frame?.destination ? { etherDestination: place.frame.destination } : {}),
    ...(place.frame?.packetType ? { packetType: place.frame.packetType } : {}),
    ...(place.layer === 'bridge' ? macsAt(view, place.inDev) : {}),
    connection: asConnection(current),
    addressType: (address, dev) => addressType(view, address, dev),
    deviceAddress: (dev, destination) => deviceAddress(view, place, dev, destination),
    groupOf: (dev) => groupOf(view, dev),
    deviceSeen: (dev) => deviceSeen(view, dev),
    ...(place.frame?.vlan === undefined ? {} : { vlan: place.frame.vlan }),
    ...(place.towards ? { nextHop: place.towards } : {}),
    routeDevice: (address, other, mark) => routeDevice(view, journey, { address, other, mark }),
    ...senderOf(journey, place),
    ...(sockets ? { sockets } : {}),
    ...((setsZones(view.ruleset) || rewritesPackets(view.ruleset)) &&
    beginsTracking(place.hook) &&
    !place.layer
      ? {
          recognise: (packet, zone) => {
            const there = recognisedAs(view, journey, current, { packet, zone });
            return {
              connection: asConnection(there),
              nat: natPlan(there, packet, place.hook as 'prerouting' | 'output'),
            };
          },
        }
      : {}),
    ...connectionsIn(view),
    realm: () => (givesRealms(view) ? null : 0),
    routeMss: () => routeMss(view, journey, place),
    routesBackBy: (address, dev, mark) => routesBackBy(view, journey, { address, dev, mark }),
  });
  // nf_hook_slow(): a sender learns from its own system call that OUTPUT or POSTROUTING did not let a packet through.
  const refused: { readonly localError?: 'not-permitted' } =
    leavesItsMaker(journey, place) && !journey.expected ? { localError: 'not-permitted' } : {};
  return outcomes.flatMap((outcome) => {
    const settled = settle(view, journey, place, outcome);
    const after = withDoubts(
      outcomes.length > 1 ? withForks(settled, outcome.doubts, outcome.chances) : settled,
      outcomes.length > 1 ? outcome.unmodelled : outcome.doubts,
    );
    switch (outcome.verdict) {
      case 'accept':
        return then(after, place.frame && changedFrame(place.frame, outcome.frame));
      case 'drop':
        return [ended(after, 'dropped', refused)];
      case 'reject':
        // nf_reject_ip_tcphdr_get(), nf_reject_verify_csum(): what is damaged is not answered.
        if (wrongChecksum(after.packet)) return [ended(after, 'dropped')];
        return [
          ended(after, 'rejected', {
            ...refused,
            answer: rejection(view, place.hook, after.packet, outcome.answer),
          }),
        ];
      case 'stolen':
        return [
          ended(
            withDoubts(after, [`a rule on ${device} of ${view.label} hands the packet to a program`]),
            'unknown',
          ),
        ];
    }
  });
}

const leavesItsMaker = ({ hops }: Journey, { hook, inDev, physicalIn, layer }: HookPlace): boolean => {
  if (layer) return false;
  return (
    hook === 'output' ||
    (hook === 'postrouting' && hops.length === 1 && (inDev ?? physicalIn ?? null) === null)
  );
};

/** Of the bridge whose port a frame comes in by, and of that port. */
const macsAt = (view: View, dev: string | null): Pick<HookInput, 'bridgeMac' | 'portMac'> => {
  const port = dev === null ? undefined : linkByName(view, dev);
  const bridge = port?.master === undefined ? undefined : linkByIndex(view, port.master);
  return { portMac: port?.mac ?? null, bridgeMac: bridge?.mac ?? null };
};

/** Most interfaces are in group 0, which is not written down. */
const groupOf = (view: View, dev: string): number | null => {
  const link = linkByName(view, dev);
  return link?.group === undefined ? 0 : link.group;
};

/** Who made the packet: known where it is sent (skb->sk), and nobody where it was only passed on. */
function senderOf({ hops, sender }: Journey, place: HookPlace): { readonly sender?: Sender | null } {
  const sent = place.hook === 'output' || (place.hook === 'postrouting' && place.inDev === null);
  const passedOn = place.hook === 'forward' || hops.length > 1 || place.physicalIn !== undefined;
  if (passedOn || (place.hook === 'postrouting' && place.inDev !== null)) return { sender: null };
  return sent && sender !== undefined ? { sender } : {};
}

/** nf_conntrack_in(): a first packet is dropped where the table is full and nothing in it can be given up (early_drop()). */
const whereRoom =
  (view: View, hook: Hook, then: (journey: Journey) => readonly Next[]) =>
  (journey: Journey): readonly Next[] => {
    const count = sysctlNumber(view, 'net/netfilter/nf_conntrack_count', 0);
    const limit = sysctlNumber(view, 'net/netfilter/nf_conntrack_max', 0);
    const { current } = journey;
    if (limit === 0 || count < limit || !current?.fresh || current.state !== 'new') return then(journey);
    return [
      ended(withSteps(journey, { kind: 'track', count, limit }), 'dropped', {
        momentary: true,
        ...(hook === 'output' && !journey.expected ? { localError: 'not-permitted' } : {}),
      }),
    ];
  };

/** Which realm a packet gets where routes or rules give any, is not modelled. */
const givesRealms = ({ routes, rules }: View): boolean =>
  routes.some(({ realms }) => realms) || rules.some(({ realms }) => realms);

/** How many connections the namespace follows, where it says so. */
const connectionsIn = ({ sysctls }: View): Pick<HookInput, 'connectionCount'> => {
  const count = sysctls['net/netfilter/nf_conntrack_count'];
  return count === undefined ? {} : { connectionCount: Number(count) };
};

const confirmIfLast = (view: View, journey: Journey, place: HookPlace): Journey =>
  endsTracking(place.hook) && !place.layer ? confirm(view, journey) : journey;

/** xt_rpfilter and `fib saddr . iif oif`: whether the way back to the source leaves by the device. */
const routesBackBy = (
  view: View,
  { packet }: Journey,
  asked: { readonly address: string; readonly dev: string; readonly mark: number },
): boolean => {
  const back = routeFromHere(view, {
    family: packet.family,
    destination: asked.address,
    source: packet.destination,
    within: asked.dev,
    mark: asked.mark,
  });
  // fib_info_nh_uses_dev(): a VRF stands for all that belong to it.
  return (
    back?.found === true &&
    back.route.nextHops.some(({ dev }) => dev === asked.dev || vrfOf(view, dev ?? null)?.name === asked.dev)
  );
};

/** nft_fib4_eval() and nft_fib6_eval() without an interface: the device of the route to an address, if it is one to elsewhere. */
const routeDevice = (
  view: View,
  { packet }: Journey,
  asked: { readonly address: string; readonly other: string; readonly mark: number },
): string => {
  const found = routeFromHere(view, {
    family: packet.family,
    destination: asked.address,
    source: asked.other,
    mark: asked.mark,
  });
  return found?.found === true && found.route.type !== 'local' ? (found.hop.dev ?? '') : '';
};

/** nft_rt_get_eval() and xt_TCPMSS: the smaller of the ways on and back, as seen by whoever sends from here. */
const routeMss = (view: View, { packet }: Journey, { outDev }: HookPlace): number => {
  const mtuTo = (destination: string, device: string | null): number => {
    const found = routeFromHere(view, {
      family: packet.family,
      destination,
      source: null,
      outDev: device,
      mark: packet.mark,
    });
    return found?.found
      ? ownMtu(view, {
          family: packet.family,
          route: found.route,
          dev: found.hop.dev ?? '',
          destination,
        })
      : Infinity;
  };
  return (
    Math.min(mtuTo(packet.destination, outDev), mtuTo(packet.source, null)) - TCP_OVERHEAD[packet.family]
  );
};

/** What MASQUERADE (output device) and REDIRECT (input device, or loopback for what is made here) take. */
const deviceAddress = (view: View, place: HookPlace, dev: string, destination: string): string | null => {
  if (familyOf(destination) === 6) return deviceAddress6(view, place, dev, destination);
  if (place.hook === 'postrouting') return selectAddress(view, dev, place.towards ?? destination, 0);
  if (place.hook === 'output') return '127.0.0.1';
  const link = dev === loopback(view)?.name ? loopback(view) : linkByName(view, dev);
  return link ? (addressesOf(link, 4)[0]?.address ?? null) : null;
};

/** nf_nat_masquerade_ipv6() and nf_nat_redirect_ipv6(). */
const deviceAddress6 = (view: View, place: HookPlace, dev: string, destination: string): string | null => {
  if (place.hook === 'postrouting') return selectSource(view, dev, destination);
  if (place.hook === 'output') return '::1';
  const link = linkByName(view, dev);
  const scope = addressScope(destination);
  const usable = link ? addressesOf(link, 6).filter(isUsable) : [];
  return usable.find(({ address }) => addressScope(address) === scope)?.address ?? null;
};
