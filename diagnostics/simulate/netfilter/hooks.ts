import type { Packet } from '../../model/packet.ts';
import type { Hook } from '../../model/ruleset.ts';
import { isInvalid, wrongChecksum } from '../link/checksum.ts';
import {
  afterHook,
  otherZone,
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
import { rejection } from './rejection.ts';
import { passesUnseen, runHook } from './run-hook.ts';
import { placeInput } from './hook-input.ts';
import type { HookPlace } from './hook-place.ts';
import type { HookOutcome, NatPlan, Zone } from './types.ts';
import { asksForSockets, rewritesPackets, setsZones } from './rule-needs.ts';
import { socketLookup } from '../ip/socket-lookup.ts';
import { sysctlNumber } from '../sysctl.ts';
import type { View } from '../view.ts';

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

/** Where its zone is why conntrack does not recognise the packet, that is told. */
const withZones = (
  view: View,
  journey: Journey,
  place: HookPlace,
  current: Current | null,
  packet: Packet = journey.packet,
): Journey => {
  if (!current || !beginsTracking(place.hook) || place.layer || !setsZones(view.ruleset)) return journey;
  const zones = otherZone(knownIn(view, journey), current, packet);
  return zones ? withSteps(journey, { kind: 'zone', ...zones }) : journey;
};

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
    ...withSteps(withZones(view, journey, place, current, outcome.trackedAs), ...outcome.steps),
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
  if (passesUnseen(view.ruleset, place.hook, seen))
    return then(confirmIfLast(view, withZones(view, journey, place, current), place));
  const filled = journey.filled.get(view.id);
  const outcomes = runHook(view.ruleset, place.hook, {
    ...placeInput(view, journey, place),
    ...seen,
    ...(filled ? { filled } : {}),
    connection: asConnection(current),
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
  });
  // nf_hook_slow(): a sender learns from its own system call that OUTPUT or POSTROUTING did not let a packet through.
  const refused: { readonly localError?: 'not-permitted' } =
    leavesItsMaker(journey, place) && !journey.expected ? { localError: 'not-permitted' } : {};
  return outcomes.flatMap((outcome) => {
    const left = settle(view, journey, place, outcome);
    // What comes in by a device is not tracked yet: conntrack sees what its rules make of it.
    const settled = isEntering(place) ? { ...left, current: before.current, about: before.about } : left;
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
            answer: rejection(view, place, after, outcome.answer),
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

const isEntering = ({ hook, layer }: HookPlace): boolean => layer === 'netdev' && hook === 'ingress';

const leavesItsMaker = ({ hops }: Journey, { hook, inDev, physicalIn, layer }: HookPlace): boolean => {
  if (layer) return false;
  return (
    hook === 'output' ||
    (hook === 'postrouting' && hops.length === 1 && (inDev ?? physicalIn ?? null) === null)
  );
};

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

const confirmIfLast = (view: View, journey: Journey, place: HookPlace): Journey =>
  endsTracking(place.hook) && !place.layer ? confirm(view, journey) : journey;
