import type { Packet } from '../../model/packet.ts';
import type { Claim } from '../../model/rule-action.ts';
import type { PlainAction } from './compile.ts';
import {
  assigned,
  helped,
  inZone,
  valueOf,
  withConnection,
  withConnectionMark,
  withLabels,
  withMark,
} from './assign.ts';
import { ABSENT, UNKNOWN } from './fields/field-value.ts';
import {
  hasConnection,
  viewOf,
  withDoubt,
  type Decision,
  type Result,
  type Scope,
  type State,
  withUnmodelled,
} from './state.ts';
import { translateBy } from './translate-action.ts';
import { decisionOf, doubtAbout, ends, goesOn, type Effect, type RulePlace } from './effect.ts';
import { changeFrame } from './frame.ts';
import { claimed } from './claim.ts';
import { socketOf } from './fields/socket.ts';
import { withoutTcpOptions } from '../ip/tcp-header.ts';

export const blend = (old: number, mask: number, value: number): number => ((old & ~mask) ^ value) >>> 0;

/** connmark_tg_shift() */
const shifted = (mark: number, { shift = 0 }: { readonly shift?: number }): number =>
  shift < 0 ? mark >>> -shift : (mark << shift) >>> 0;

/** Runs every action but jumps and map lookups, which need the chains. */
export function act(
  action: Exclude<PlainAction, { readonly type: 'verdict' }>,
  state: State,
  scope: Scope,
  place: RulePlace,
): Effect {
  const decision = decisionOf(place);
  switch (action.type) {
    case 'reject':
      return ends(rejected(action.with, state, decision));
    case 'dnat':
    case 'snat':
    case 'netmap':
    case 'masquerade':
    case 'redirect':
    case 'translate-prefix':
      return translateBy(action, state, scope, place);
    case 'set-mark':
      return goesOn(withMark(state, shifted(blend(state.packet.mark, action.mask, action.value), action)));
    case 'set-ct-mark':
      return goesOn(
        withConnectionMark(
          state,
          scope,
          shifted(blend(state.connection.mark, action.mask, action.value), action),
        ),
      );
    case 'restore-mark': {
      if (!hasConnection(viewOf(scope, state))) return goesOn(state);
      const value = shifted((state.connection.mark & action.connectionMask) >>> 0, action);
      return goesOn(withMark(state, blend(state.packet.mark, action.packetMask, value)));
    }
    case 'save-mark': {
      const value = shifted((state.packet.mark & action.packetMask) >>> 0, action);
      const mark = blend(state.connection.mark, action.connectionMask, value);
      return goesOn(withConnectionMark(state, scope, mark));
    }
    case 'rewrite': {
      const value = valueOf(action.value, viewOf(scope, state));
      if (value === ABSENT) return ends({ end: 'next', state, decision: null });
      const next = value === UNKNOWN ? null : assigned(action.target, value, state, scope);
      return goesOn(next ?? changedSomehow(state, place));
    }
    case 'set-label':
      return goesOn(withLabels(state, scope, action.labels));
    case 'assign-helper':
      return goesOn(helped(state, scope, action.early === true));
    case 'set-tos': {
      const tos = blend(state.packet.tos ?? 0, action.mask, action.value);
      return goesOn({ ...state, packet: { ...state.packet, tos } });
    }
    case 'set-ttl': {
      const { ttl } = state.packet;
      const to = { set: action.value, increase: ttl + action.value, decrease: ttl - action.value }[
        action.change
      ];
      return goesOn({ ...state, packet: { ...state.packet, ttl: Math.max(0, Math.min(255, to)) } });
    }
    case 'clamp-mss':
      return goesOn(clamped(state, action.mss === 'route' ? scope.input.routeMss?.() : action.mss));
    case 'remove-tcp-options':
      return goesOn({ ...state, packet: withoutTcpOptions(state.packet, action.kinds) });
    case 'restore-socket-mark': {
      const socket = socketOf(scope, state.packet, state.connection);
      if (socket === null) return ends({ end: 'next', state, decision: null });
      return goesOn(
        typeof socket?.mark === 'number' ? withMark(state, socket.mark) : changedSomehow(state, place),
      );
    }
    case 'set-ether':
    case 'set-packet-type':
    case 'answer-arp':
      return goesOn(changeFrame(action, state, viewOf(scope, state)));
    case 'claim':
      return claim(action, state, scope, place);
    case 'answer-syn':
      return answeredHere(state, place);
    case 'notrack':
      // Once conntrack has seen the packet it is too late.
      return goesOn(scope.tracked ? state : withConnection(state, { state: 'untracked' }));
    case 'set-zone':
      return goesOn(
        inZone(state, scope, action.id === 'mark' ? state.packet.mark : action.id, action.directions),
      );
    case 'none':
      return goesOn(state);
    case 'unmodelled':
      return action.decides
        ? anything(state, decision, place, action.text)
        : goesOn(changedSomehow(state, place));
  }
}

/** The packet is given to a socket here, as it is: routing still has to bring it there. */
function claim(action: Claim, state: State, scope: Scope, place: RulePlace): Effect {
  const decision = decisionOf(place);
  const outcome = claimed(action, state, scope);
  const iptables = action.otherwise === 'drop';
  const given = (by: NonNullable<Packet['claimed']>): Effect => {
    const packet: Packet = { ...state.packet, claimed: { ...by, by: decision } };
    const { mark } = action;
    const marked = mark ? { ...packet, mark: blend(packet.mark, mark.mask, mark.value) } : packet;
    const next = { ...state, packet: marked };
    return iptables ? ends({ end: 'accept', state: next, decision }) : goesOn(next);
  };
  const left = (unclaimed: Packet['claimed'] | null): Effect =>
    iptables
      ? ends({ end: 'drop', state, decision, ...(unclaimed ? { unclaimed } : {}) })
      : ends({ end: 'next', state, decision: null });
  switch (outcome.type) {
    case 'taken':
      return given(outcome.by);
    case 'nobody':
      return left(outcome.place);
    case 'not-meant':
      return left(null);
    case 'unknown':
      return anything(state, decision, place, place.rule.text);
  }
}

/** An icmpx word depends on the family of the packet; a reset answers TCP only, and nothing answers instead. */
function rejected(word: string, state: State, decision: Decision): Result {
  const { family, protocol } = state.packet;
  if (word === 'tcp-reset' && protocol !== 'tcp') return { end: 'drop', state, decision };
  return { end: 'reject', answer: ICMPX[word]?.[family] ?? word, state, decision };
}

/** nft_reject_icmp_code() and nft_reject_icmpv6_code(), in iptables' words. */
const ICMPX: Readonly<Record<string, { readonly 4: string; readonly 6: string }>> = {
  'icmpx-no-route': { 4: 'icmp-net-unreachable', 6: 'icmp6-no-route' },
  'icmpx-port-unreachable': { 4: 'icmp-port-unreachable', 6: 'icmp6-port-unreachable' },
  'icmpx-host-unreachable': { 4: 'icmp-host-unreachable', 6: 'icmp6-addr-unreachable' },
  'icmpx-admin-prohibited': { 4: 'icmp-admin-prohibited', 6: 'icmp6-adm-prohibited' },
};

/** tcpmss_mangle_packet(), nft_exthdr_tcp_set_eval(): only SYNs say how large segments may be, and never more is asked for. */
const clamped = (state: State, mss: number | null | undefined): State =>
  state.packet.mss === undefined || mss === null || mss === undefined || mss >= state.packet.mss
    ? state
    : { ...state, packet: { ...state.packet, mss } };

/**
 * synproxy_tg4(), nft_synproxy_do_eval(): a SYN is answered and kept; when the answer to that comes, one like it is sent on. The walk
 * follows that one: what its sender hears before is not known of the destination. Other segments but acknowledgements go by.
 */
function answeredHere(state: State, place: RulePlace): Effect {
  const { protocol, tcpFlags } = state.packet;
  if (protocol !== 'tcp' || tcpFlags === 'SA' || tcpFlags === 'R') return goesOn(state);
  const doubted = withUnmodelled(state, doubtAbout(place, ANSWERS_ITSELF));
  return ends({ end: 'accept', state: doubted, decision: decisionOf(place) });
}

const ANSWERS_ITSELF =
  'it accepts connections for the destination (SYNPROXY), and asks that one only when the sender has answered';

/** A rule does to the packet what is not modelled: later matches cannot be sure of what they see. */
export function changedSomehow(state: State, place: RulePlace): State {
  return withUnmodelled(state, doubtAbout(place, 'changes the packet in a way that is not modelled'));
}

/** The packet may go on, pass or vanish. */
function anything(state: State, decision: Decision, place: RulePlace, text: string): Effect {
  const doubted = withDoubt(state, doubtAbout(place, `what becomes of the packet is not known (${text})`));
  return ends(
    { end: 'accept', state: doubted, decision },
    { end: 'drop', state: doubted, decision },
    { end: 'next', state: doubted, decision: null },
  );
}
