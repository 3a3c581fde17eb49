import type { Packet } from '../../model/packet.ts';
import type { Translation, TranslationMapEntry } from '../../model/rule-map.ts';
import type { PlainAction } from './compile.ts';
import { readdressed } from './assign.ts';
import { decisionOf, doubtAbout, ends, goesOn, type Effect, type RulePlace } from './effect.ts';
import { translatedPrefix } from './prefix-translation.ts';
import { sameEnds, seenPacket, withSeen } from './seen.ts';
import { withChance, type Result, type Scope, type State } from './state.ts';
import {
  choose,
  familyMatches,
  netmap,
  redirectOutput,
  translatedAt,
  withEnd,
  type Choice,
  type Translated,
} from './translate.ts';

type Of<T extends PlainAction['type']> = Extract<PlainAction, { readonly type: T }>;

/** Actions that give the packet another end, and its connection with it; or, of a prefix, the packet alone. */
export type TranslateAction = Of<'dnat' | 'snat' | 'netmap' | 'masquerade' | 'redirect' | 'translate-prefix'>;

/** What such an action makes of the packet (nf_nat_core.c, ip6t_NPT.c). */
export function translateBy(action: TranslateAction, state: State, scope: Scope, place: RulePlace): Effect {
  switch (action.type) {
    case 'dnat':
      return translateTo('destination', action, state, place);
    case 'snat':
      return translateTo('source', action, state, place);
    case 'netmap': {
      const choice = netmap(seenIn(state), translatedAt(scope.hook), action.address, action.length);
      return translate(choice, state, place);
    }
    case 'masquerade':
      return ownAddress(scope.input.outDev, 'source', action, state, scope, place);
    case 'redirect':
      return redirect(action, state, scope, place);
    case 'translate-prefix':
      return prefixTranslated(action, state, scope, place);
  }
}

/** NAT works on what conntrack has. */
const seenIn = ({ packet, connection }: State): Packet => seenPacket(packet, connection);

const zoneOf = ({ connection }: State): number => connection.zone?.id ?? 0;

const translateTo = (what: Choice['what'], to: Translation, state: State, place: RulePlace): Effect =>
  translate(
    familyMatches(to, state.packet) ? choose(seenIn(state), what, to, zoneOf(state)) : null,
    state,
    place,
  );

/** ip6t_snpt_tg(), ip6t_dnpt_tg(): an address that has no room for the sum is refused. */
function prefixTranslated(
  { end, from, to }: Extract<PlainAction, { readonly type: 'translate-prefix' }>,
  state: State,
  scope: Scope,
  place: RulePlace,
): Effect {
  const address = translatedPrefix(state.packet[end], from, to);
  if (address === null) return ends({ end: 'drop', state, decision: decisionOf(place) });
  return goesOn(readdressed(state, scope, { [end]: address }));
}

/** nf_nat_setup_info(): the packet with the end it gets, once for each end it may get. null: not for this family. */
function translate(choice: Choice | null, state: State, place: RulePlace): Effect {
  if (!choice) return ends({ end: 'next', state, decision: null });
  const several = choice.to.length > 1;
  return ends(
    ...choice.to.map((to): Result => {
      const next = several
        ? withChance(state, doubtAbout(place, 'chance decides which port it is mapped to'))
        : state;
      return {
        end: 'accept',
        mapped: true,
        decision: decisionOf(place),
        state: translated(next, choice.what, to),
      };
    }),
  );
}

/** The connection counts as translated only where something changed (nf_nat_setup_info()). */
function translated(state: State, what: Choice['what'], to: Translated): State {
  const before = seenIn(state);
  const seen = withEnd(before, what, to);
  if (sameEnds(before, seen)) return state;
  const packet = withEnd(state.packet, what, to);
  const connection = withSeen(state.connection, packet, seen);
  return {
    ...state,
    packet,
    connection: { ...connection, ...(what === 'source' ? { snat: true } : { dnat: true }) },
  };
}

/** To an address of an interface; without one the packet is dropped (nf_nat_masquerade.c, nf_nat_redirect.c). */
function ownAddress(
  device: string | null,
  what: Choice['what'],
  to: Translation,
  state: State,
  scope: Scope,
  place: RulePlace,
): Effect {
  const address = device === null ? null : scope.input.deviceAddress(device, state.packet.destination);
  if (address === null) return ends({ end: 'drop', state, decision: decisionOf(place) });
  return translate(
    choose(seenIn(state), what, { ...to, address: { from: address, to: address } }),
    state,
    place,
  );
}

function redirect(to: Translation, state: State, scope: Scope, place: RulePlace): Effect {
  if (scope.hook === 'prerouting')
    return ownAddress(scope.input.inDev, 'destination', to, state, scope, place);
  const address = redirectOutput(state.packet);
  return translate(
    choose(seenIn(state), 'destination', { ...to, address: { from: address, to: address } }),
    state,
    place,
  );
}

/** What a map of dnat, snat or redirect holds for the packet. */
/** What such an action makes of the packet (nf_nat_core.c, ip6t_NPT.c). */
export function translateByMap(
  change: 'dnat' | 'snat' | 'redirect',
  entry: TranslationMapEntry,
  state: State,
  scope: Scope,
  place: RulePlace,
): Effect {
  if (change === 'redirect') return redirect(entry.to, state, scope, place);
  const what = change === 'dnat' ? 'destination' : 'source';
  if (entry.netmap !== undefined && entry.to.address)
    return translate(netmap(seenIn(state), what, entry.to.address.from, entry.netmap), state, place);
  return translateTo(what, entry.to, state, place);
}
