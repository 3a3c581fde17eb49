import { parseAddress, prefixContains, sameAddress } from '../../model/ip.ts';
import {
  ipsecPolicyText,
  type Ipsec,
  type IpsecDirection,
  type IpsecPolicy,
  type IpsecTemplate,
  type Masked,
} from '../../model/ipsec.ts';
import type { Packet } from '../../model/packet.ts';
import type { Step } from '../../model/trace.ts';
import { blocked, ended, withDoubts, withSteps, type Ending, type Journey, type Next } from '../journey.ts';
import { protocolNumber } from './packets.ts';
import { confEither, confKey6, sysctlNumber } from '../sysctl.ts';
import { linkByName, type View } from '../view.ts';

type Truth = true | false | 'maybe';

/** Where a packet meets the policies. */
interface IpsecPlace {
  readonly direction: IpsecDirection;
  readonly inDev: string | null;
  readonly outDev: string | null;
  /** What the sender's own system call says of a policy that blocks. */
  readonly refused?: Pick<Ending, 'localError'>;
}

type Problem = Extract<Step, { kind: 'ipsec' }>['problem'];

/** What the policies of one type say; null: nothing. */
interface Ruling {
  readonly policy: IpsecPolicy | null;
  readonly problem: Problem;
}

/**
 * xfrm_lookup() for what leaves, __xfrm_policy_check() for what comes (net/xfrm/xfrm_policy.c): goes on with `then` where
 * IPsec lets the packet pass as it is.
 */
export function atIpsec(
  view: View,
  journey: Journey,
  place: IpsecPlace,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  const { ipsec } = view;
  if (!ipsec) {
    const unreadable = view.unreadable.get('ipsec');
    // Who may not see the rules either has been told that nothing is certain.
    const silent = unreadable === undefined || view.unreadable.has('ruleset');
    return then(silent ? journey : withDoubts(journey, [unreadable]));
  }
  if (isIdle(ipsec, place.direction) || isLeftAlone(view, journey.packet, place)) return then(journey);
  const found = (['sub', 'main'] as const).map((type) => lookup(view, ipsec, journey.packet, place, type));
  const doubts = found.flatMap((one) => one.doubts);
  const policies = found.flatMap(({ policy }) => policy ?? []);
  const after = withDoubts(journey, doubts);
  if (policies.length === 0) {
    if (ipsec.defaults[place.direction] !== 'block') return then(after);
    return [stopped(after, { policy: null, problem: 'blocked' }, place)];
  }
  for (const policy of policies) {
    const protection = policy.verdict === 'block' ? 'blocked' : protectionOf(ipsec, policy, journey.packet);
    if (protection === 'as-it-is') continue;
    if (protection === 'protected')
      return [
        blocked(
          after,
          `the packet leaves ${view.label} protected by IPsec (${ipsecPolicyText(policy)}): its further way is not followed`,
          [],
        ),
      ];
    return [stopped(after, { policy, problem: protection }, place)];
  }
  return then(after);
}

/** ip_route_me_harder(), nf_xfrm_me_harder(): what NAT has changed is looked at again. */
export const changedAtIpsec = (
  view: View,
  before: Journey,
  after: Journey,
  place: IpsecPlace,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] =>
  KEYS.every((key) => before.packet[key] === after.packet[key])
    ? then(after)
    : atIpsec(view, after, place, then);

const KEYS = ['source', 'destination', 'sourcePort', 'destinationPort'] as const;

const isIdle = ({ policies, defaults }: Ipsec, direction: IpsecDirection): boolean =>
  defaults[direction] === 'accept' && !policies.some((policy) => policy.direction === direction);

/**
 * DST_NOPOLICY and DST_NOXFRM: settings of the interface. IPv6 has only the first; a packet that is passed on is looked at as
 * the interface it came in by says (ip_route_input_slow(), __mkroute_input()).
 */
const isLeftAlone = (view: View, { family }: Packet, { direction, inDev, outDev }: IpsecPlace): boolean => {
  if (family === 6) {
    if (direction === 'out') return false;
    const keys = [confKey6('all', 'disable_policy'), confKey6(inDev ?? '', 'disable_policy')];
    return keys.some((key) => sysctlNumber(view, key, 0) !== 0);
  }
  return direction === 'out'
    ? confEither(view, outDev ?? '', 'disable_xfrm')
    : confEither(view, inDev ?? '', 'disable_policy');
};

/** The policy that is asked: the lowest priority, and of equals the oldest, which is listed last. */
function lookup(
  view: View,
  ipsec: Ipsec,
  packet: Packet,
  place: IpsecPlace,
  type: IpsecPolicy['type'],
): { readonly policy: IpsecPolicy | null; readonly doubts: readonly string[] } {
  const ordered = ipsec.policies
    .filter((policy) => policy.direction === place.direction && policy.type === type)
    .map((policy, at) => ({ policy, at }))
    .sort((one, other) => one.policy.priority - other.policy.priority || other.at - one.at);
  const doubts: string[] = [];
  for (const { policy } of ordered) {
    const truth = matches(view, policy, packet, place);
    if (truth === true) return { policy, doubts };
    if (truth === 'maybe')
      doubts.push(
        `whether the IPsec policy “${ipsecPolicyText(policy)}” of ${view.label} means the packet is not modelled`,
      );
  }
  return { policy: null, doubts };
}

const all = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes('maybe') ? 'maybe' : true;

/** xfrm_selector_match() and xfrm_policy_match() of include/net/xfrm.h, net/xfrm/xfrm_policy.c. */
function matches(view: View, policy: IpsecPolicy, packet: Packet, place: IpsecPlace): Truth {
  if (policy.family !== packet.family) return false;
  const protocol = protocolNumber(packet.protocol, packet.family);
  return all([
    prefixContains(policy.source, packet.source),
    prefixContains(policy.destination, packet.destination),
    policy.protocol === null || policy.protocol === protocol,
    portMatches(policy.sourcePort, packet, place, 'source'),
    portMatches(policy.destinationPort, packet, place, 'destination'),
    deviceMatches(view, policy, place),
    policy.mark === undefined || (packet.mark & policy.mark.mask) >>> 0 === policy.mark.value >>> 0,
    // Packets of an xfrm interface are not followed.
    policy.interfaceId === undefined || policy.interfaceId === 0,
    policy.unmodelled.length === 0 ? true : 'maybe',
  ]);
}

/** Of ICMP the type and the code are compared; what a socket sends is looked up before anybody knows these. */
function portMatches(
  wanted: Masked | undefined,
  packet: Packet,
  { direction, inDev }: IpsecPlace,
  end: 'source' | 'destination',
): Truth {
  if (wanted === undefined || wanted.mask === 0) return true;
  const { icmp } = packet;
  if (icmp && direction === 'out' && inDev === null) return 'maybe';
  const ports = icmp
    ? { source: icmp.type, destination: icmp.code }
    : { source: packet.sourcePort, destination: packet.destinationPort };
  // Which port the sender takes is not known before it does.
  if (!icmp && direction === 'out' && inDev === null && end === 'source') return 'maybe';
  return (ports[end] & wanted.mask) === (wanted.value & wanted.mask);
}

const deviceMatches = (view: View, { device }: IpsecPolicy, { direction, outDev }: IpsecPlace): Truth => {
  if (device === undefined) return true;
  if (!linkByName(view, device)) return false;
  return direction === 'out' ? device === outDev : 'maybe';
};

/** xfrm_policy_ok() for what comes unprotected, xfrm_tmpl_resolve_one() for what leaves. */
function protectionOf(
  ipsec: Ipsec,
  { direction, templates }: IpsecPolicy,
  packet: Packet,
): 'as-it-is' | 'protected' | Exclude<Problem, 'blocked'> {
  const required = templates.filter((template) => !template.optional);
  if (direction !== 'out') return required.length > 0 ? 'unprotected' : 'as-it-is';
  const states = ipsec.states ?? [];
  const used = templates.filter((template) =>
    states.some(
      (state) =>
        state.protocol === template.protocol &&
        state.mode === template.mode &&
        (template.request === 0 || state.request === template.request) &&
        isEnd(state.source, template, 'source', packet) &&
        isEnd(state.destination, template, 'destination', packet),
    ),
  );
  if (required.some((template) => !used.includes(template)))
    return ipsec.states === null ? 'protected' : 'no-state';
  return used.length > 0 ? 'protected' : 'as-it-is';
}

/** A tunnel's own end, or the packet's; a source that is not said is whichever the route gives. */
const isEnd = (
  address: string,
  template: IpsecTemplate,
  end: 'source' | 'destination',
  packet: Packet,
): boolean => {
  if (template.mode === 'transport') return sameAddress(address, packet[end]);
  const wanted = template[end];
  return parseAddress(wanted)?.value === 0n || sameAddress(address, wanted);
};

const stopped = (journey: Journey, { policy, problem }: Ruling, place: IpsecPlace): Next => {
  const step = { kind: 'ipsec', direction: place.direction, policy, problem } as const;
  // What a policy wants protected is lost without a word while there is no association (make_blackhole()).
  return ended(withSteps(journey, step), 'dropped', problem === 'blocked' ? (place.refused ?? {}) : {});
};
