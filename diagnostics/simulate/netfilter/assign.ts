import { formatAddress, parseAddress } from '../../model/ip.ts';
import { tcpFlagBits } from '../ip/tcp-header.ts';
import { hasPorts, type Packet } from '../../model/packet.ts';
import type { BitStep, Computed, MapTarget, ZoneDirections } from '../../model/rule-action.ts';
import { ABSENT, UNKNOWN, type FieldValue } from './fields/field-value.ts';
import { readField } from './fields/read-field.ts';
import { seenPacket, withSeen } from './seen.ts';
import { hasConnection, viewOf, type Scope, type State, type View } from './state.ts';
import type { Connection } from './types.ts';

export const withMark = (state: State, mark: number): State => ({
  ...state,
  packet: { ...state.packet, mark },
});

export const withConnection = (state: State, change: Partial<Connection>): State => ({
  ...state,
  connection: { ...state.connection, ...change },
});

/** `ct mark set`, CONNMARK: nothing where the packet has no connection. */
export const withConnectionMark = (state: State, scope: Scope, mark: number): State =>
  hasConnection(viewOf(scope, state)) ? withConnection(state, { mark }) : state;

/** Numbers of zones have sixteen bits. */
const HIGHEST_ZONE = 0xffff;

/** Once conntrack has seen the packet it is too late (nft_ct_set_zone_eval()). */
export const inZone = (state: State, scope: Scope, id: number, directions: ZoneDirections): State =>
  scope.tracked || state.connection.state === 'untracked'
    ? state
    : withConnection(state, { zone: { id: id & HIGHEST_ZONE, directions } });

/** xt_ct_target(), nft_ct_helper_obj_eval(): before conntrack sees the packet, or a connection that is not confirmed yet. */
export function helped(state: State, scope: Scope, early: boolean): State {
  const { connection } = state;
  const first = connection.state === 'new' && !connection.reply;
  const takes = first && (early ? !scope.tracked : hasConnection(viewOf(scope, state)));
  return takes ? withConnection(state, { helped: true }) : state;
}

/** `ct label set`: nf_connlabels_replace() sets bits, and takes none away. */
export function withLabels(state: State, scope: Scope, labels: readonly number[]): State {
  if (!hasConnection(viewOf(scope, state))) return state;
  const { labels: old = [] } = state.connection;
  if (old === null) return state;
  return withConnection(state, { labels: [...new Set([...old, ...labels])].sort((a, b) => a - b) });
}

/** What a rule works out from the packet; ABSENT: there is nothing to work with, and the rule ends. */
export function valueOf(value: Computed, view: View): number | string | typeof ABSENT | typeof UNKNOWN {
  if (value.type === 'constant') return value.value;
  const held = value.field === 'sport' ? firstBytes(view) : readField(value.field, view);
  if (held === ABSENT || held === UNKNOWN) return held;
  if (value.steps.length > 0) return typeof held === 'number' ? value.steps.reduce(stepped, held) : UNKNOWN;
  return isText(held) ? held : typeof held === 'object' && 'family' in held ? formatAddress(held) : UNKNOWN;
}

/** `th sport`: of ICMP's header its type and its code, which nft (seen in 1.0.6) calls so where a rule changes them. */
const firstBytes = (view: View): FieldValue => {
  const { icmp } = view.packet;
  return icmp ? (icmp.type << 8) | icmp.code : readField('sport', view);
};

const isText = (held: FieldValue): held is number | string =>
  typeof held === 'number' || typeof held === 'string';

function stepped(value: number, { operator, constant }: BitStep): number {
  switch (operator) {
    case '&':
      return (value & constant) >>> 0;
    case '|':
      return (value | constant) >>> 0;
    case '^':
      return (value ^ constant) >>> 0;
    case '<<':
      return (value << constant) >>> 0;
    case '>>':
      return value >>> constant;
  }
}

/** Puts a value into the packet, or into what the machine knows of it; null: what comes of it is not known. */
export function assigned(
  target: MapTarget,
  value: number | string,
  state: State,
  scope: Scope,
): State | null {
  if (target === 'saddr' || target === 'daddr') {
    const address = addressIn(value);
    if (address === null) return null;
    return readdressed(state, scope, target === 'saddr' ? { source: address } : { destination: address });
  }
  if (typeof value !== 'number') return null;
  switch (target) {
    case 'mark':
      return withMark(state, value);
    case 'ct mark':
      return withConnectionMark(state, scope, value);
    case 'ct zone':
      return inZone(state, scope, value, 'both');
    case 'priority':
      return { ...state, packet: { ...state.packet, priority: value } };
    case 'frag-off':
    case 'tcp flags': {
      const packet = rewritten(target, value, state.packet);
      return packet && { ...state, packet };
    }
    case 'sport':
    case 'dport':
      if (target === 'sport' && state.packet.icmp && scope.tracked)
        return { ...state, packet: { ...state.packet, icmp: { type: value >> 8, code: value & 0xff } } };
      if (!hasPorts(state.packet)) return null;
      return readdressed(
        state,
        scope,
        target === 'sport' ? { sourcePort: value } : { destinationPort: value },
      );
  }
}

/** An address, or the 32 bits of one. */
const addressIn = (value: number | string): string | null => {
  if (typeof value === 'number') return formatAddress({ family: 4, value: BigInt(value) });
  return parseAddress(value) ? value : null;
};

/** IP_DF of the fragment offset field (RFC 791). */
const DONT_FRAGMENT = 0x4000;

/** nft_payload_set_eval() of what is no end of the packet; null: it becomes one that no walk follows (a fragment, another segment). */
function rewritten(target: 'frag-off' | 'tcp flags', value: number, packet: Packet): Packet | null {
  switch (target) {
    case 'frag-off':
      return (value & ~DONT_FRAGMENT) === 0 ? { ...packet, dontFragment: value === DONT_FRAGMENT } : null;
    case 'tcp flags': {
      if (tcpFlagBits(packet) === value) return packet;
      const { congestion, ...plain } = packet;
      const other: Packet = congestion ? plain : { ...plain, congestion: true };
      return tcpFlagBits(other) === value ? other : null;
    }
  }
}

/** nft_payload_set_eval(): checksums are put right, and conntrack, once it has seen the packet, is not told. */
export function readdressed(
  state: State,
  scope: Scope,
  change: Partial<Pick<Packet, 'source' | 'destination' | 'sourcePort' | 'destinationPort'>>,
): State {
  const packet = { ...state.packet, ...change };
  const { connection } = state;
  if (!hasConnection(viewOf(scope, state)) || connection.reply) return { ...state, packet };
  const seen = seenPacket(state.packet, connection);
  return { ...state, packet, connection: withSeen(connection, packet, seen) };
}
