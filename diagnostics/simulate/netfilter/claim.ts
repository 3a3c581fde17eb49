import type { Claim } from '../../model/rule-action.ts';
import { hasPorts, type Packet } from '../../model/packet.ts';
import type { Scope, State } from './state.ts';

/** What becomes of a packet at a rule that gives it away. */
export type Claimed =
  | { readonly type: 'taken'; readonly by: NonNullable<Packet['claimed']> }
  | { readonly type: 'nobody' | 'unknown'; readonly place: NonNullable<Packet['claimed']> | null }
  | { readonly type: 'not-meant' };

/** tproxy_tg4() of xt_TPROXY.c, nft_tproxy_eval(): only TCP and UDP, and only to a transparent socket. */
export function claimed(claim: Claim, { packet, connection }: State, { input }: Scope): Claimed {
  if (!hasPorts(packet)) return { type: 'not-meant' };
  if (claim.family !== undefined && claim.family !== packet.family) return { type: 'not-meant' };
  const found = input.sockets?.claimer(packet, connection, claim);
  if (!found) return { type: 'unknown', place: null };
  const { place, socket } = found;
  if (socket?.transparent === null) return { type: 'unknown', place };
  return socket?.transparent ? { type: 'taken', by: place } : { type: 'nobody', place };
}
