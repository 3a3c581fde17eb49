import type { Hook, Ruleset } from '../model/ruleset.ts';
import { addressesOf, selectAddress } from './source-address.ts';
import { addressType } from './route.ts';
import { afterHook, asConnection, confirmed, natPlan, recognise, untranslated } from './conntrack.ts';
import {
  ended,
  recordsIn,
  withDoubts,
  withForks,
  withRecords,
  withSteps,
  type Answer,
  type Journey,
  type Next,
} from './journey.ts';
import type { HookInput, HookOutcome } from './netfilter/types.ts';
import { linkByName, loopback, type View } from './view.ts';

type IpHook = Extract<Hook, 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'>;

/** Where a packet is when it meets a hook. */
export interface HookPlace {
  readonly hook: IpHook;
  readonly inDev: string | null;
  readonly outDev: string | null;
  /** The next hop, which decides the address that masquerading takes. */
  readonly towards?: string | null;
  /** Bridge ports, where br_netfilter hands over a frame. */
  readonly physicalIn?: string;
  readonly physicalOut?: string;
}

/** Rules are not evaluated yet: where there are any, the packet's fate is in doubt. */
const runHook = (ruleset: Ruleset, hook: IpHook, input: HookInput): readonly HookOutcome[] => {
  const decides = ruleset.tables.some((table) =>
    table.chains.some(
      ({ base, rules }) => base?.hook === hook && (rules.length > 0 || base.policy === 'drop'),
    ),
  );
  const doubts = decides ? [`the rules at ${hook} are not evaluated`] : [];
  const { packet, connection } = input;
  return [{ verdict: 'accept', packet, connection, steps: [], certain: !decides, doubts }];
};

/** nf_ip_hook priorities: conntrack looks at a packet where it comes in or is made. */
const beginsTracking = (hook: IpHook): boolean => hook === 'prerouting' || hook === 'output';
const endsTracking = (hook: IpHook): boolean => hook === 'input' || hook === 'postrouting';

const HOST_UNREACHABLE_CODES: Readonly<Record<string, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
};

/** What a REJECT rule sends back (net/ipv4/netfilter/nf_reject_ipv4.c). */
const rejection = (word: string | undefined, hook: IpHook): Answer =>
  word === 'tcp-reset'
    ? { kind: 'reset' }
    : {
        kind: 'icmp',
        type: 3,
        code: HOST_UNREACHABLE_CODES[word ?? ''] ?? 3,
        speaks: hook === 'input' ? 'destination' : 'router',
      };

/** The packet's connection is looked up once in a namespace, where it comes in or is made. */
export function track(view: View, journey: Journey): Journey {
  if (journey.current) return journey;
  const current = recognise(recordsIn(journey, view.id), journey.packet, journey.about);
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

const settle = (view: View, journey: Journey, place: HookPlace, outcome: HookOutcome): Journey => {
  const current = journey.current;
  const moved: Journey = {
    ...withSteps(journey, ...outcome.steps),
    packet: outcome.packet,
    current: current ? afterHook(current, outcome.connection) : null,
  };
  return endsTracking(place.hook) && outcome.verdict === 'accept' ? confirm(view, moved) : moved;
};

/**
 * Runs the rules of a hook and goes on with `then` where the packet is let through. Its drop and reject are ends; locally
 * made packets that are dropped before they leave fail in the sender's system call instead.
 */
export function atHook(
  view: View,
  before: Journey,
  place: HookPlace,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  let journey = beginsTracking(place.hook) ? track(view, before) : before;
  const unreadable = view.unreadable.get('ruleset');
  if (unreadable !== undefined) journey = withDoubts(journey, [unreadable]);
  const { current } = journey;
  if (!view.ruleset || !current) return then(current ? confirmIfLast(view, journey, place) : journey);
  const device = place.outDev ?? place.inDev ?? '';
  const outcomes = runHook(view.ruleset, place.hook, {
    packet: journey.packet,
    inDev: place.inDev,
    outDev: place.outDev,
    ...(place.physicalIn === undefined ? {} : { physicalIn: place.physicalIn }),
    ...(place.physicalOut === undefined ? {} : { physicalOut: place.physicalOut }),
    connection: asConnection(current),
    nat: place.hook === 'forward' ? { type: 'apply' } : natPlan(current, journey.packet, place.hook),
    addressType: (address) => addressType(view, address),
    deviceAddress: (dev) => deviceAddress(view, place, dev),
  });
  return outcomes.flatMap((outcome) => {
    const settled = settle(view, journey, place, outcome);
    const after =
      outcomes.length > 1
        ? withForks(settled, outcome.doubts)
        : outcome.certain
          ? settled
          : withDoubts(settled, outcome.doubts);
    switch (outcome.verdict) {
      case 'accept':
        return then(after);
      case 'drop':
        return [
          ended(
            after,
            'dropped',
            place.hook === 'output' && !journey.expected ? { localError: 'not-permitted' } : {},
          ),
        ];
      case 'reject':
        return [ended(after, 'rejected', { answer: rejection(outcome.answer, place.hook) })];
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

const confirmIfLast = (view: View, journey: Journey, place: HookPlace): Journey =>
  endsTracking(place.hook) ? confirm(view, journey) : journey;

/** What MASQUERADE (output device) and REDIRECT (input device, or loopback for what is made here) take. */
const deviceAddress = (view: View, place: HookPlace, dev: string): string | null => {
  if (place.hook === 'postrouting') return selectAddress(view, dev, place.towards ?? null, 0);
  if (place.hook === 'output') return '127.0.0.1';
  const link = dev === loopback(view)?.name ? loopback(view) : linkByName(view, dev);
  return link ? (addressesOf(link, 4)[0]?.address ?? null) : null;
};
