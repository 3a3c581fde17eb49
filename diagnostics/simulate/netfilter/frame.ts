import type { FrameChange, PacketType } from '../../model/rule-action.ts';
import type { Frame } from '../journey.ts';
import { castOf } from '../link/group-address.ts';
import type { State, View } from './state.ts';
import type { ChangedFrame } from './types.ts';

/** A hardware address of the frame as it is now. */
export const etherOf = (
  { frame, scope: { input } }: View,
  end: 'source' | 'destination',
): string | undefined =>
  frame?.[end] ?? (end === 'source' ? input.etherSource : input.etherDestination)?.toLowerCase();

/** eth_type_trans(), which br_handle_frame() corrects for the bridge's own address. */
const typeOf = (mac: string | undefined, view: View): PacketType | null => {
  const { inDev, bridgeMac, portMac } = view.scope.input;
  if (mac === undefined) return null;
  const cast = castOf(mac);
  if (cast !== null) return cast;
  if (inDev === null || mac === bridgeMac || mac === portMac) return 'host';
  return bridgeMac === null || portMac === null ? null : 'otherhost';
};

/** skb->pkt_type of a frame at a bridge's hooks: what is made here is the machine's own; null: not known. */
export const frameType = (view: View): PacketType | null =>
  view.frame?.packetType ?? view.scope.input.packetType ?? typeOf(etherOf(view, 'destination'), view);

/** ebt_dnat_tg(), ebt_snat_tg(), ebt_redirect_tg() and ebt_arpreply_tg() of net/bridge/netfilter; nft_meta_set_eval(). */
export function changeFrame(action: FrameChange, state: State, view: View): State {
  const { input } = view.scope;
  const made = (change: ChangedFrame): State => ({ ...state, frame: { ...state.frame, ...change } });
  switch (action.type) {
    case 'set-packet-type':
      return made({ packetType: action.to });
    case 'answer-arp':
      return state.packet.arp?.operation === 'request' ? made({ arpAnswer: action.address }) : state;
    case 'set-ether': {
      const address = action.address === 'bridge' ? input.bridgeMac : action.address;
      if (address === null || address === undefined) return state;
      if (action.end === 'source') {
        const changed = made({ source: address });
        const { arp } = state.packet;
        return action.arp && arp
          ? { ...changed, packet: { ...state.packet, arp: { ...arp, senderMac: address } } }
          : changed;
      }
      const judged = action.judged ? typeOf(address, view) : frameType(view);
      return made({ destination: address, ...(judged && input.inDev !== null && { packetType: judged }) });
    }
  }
}

/** A frame with what rules have made of it. */
export const changedFrame = (frame: Frame, change: ChangedFrame | undefined): Frame =>
  change?.source === undefined && change?.destination === undefined && change?.packetType === undefined
    ? frame
    : {
        ...frame,
        source: change.source ?? frame.source,
        destination: change.destination ?? frame.destination,
        fresh: frame.fresh && change.destination === undefined,
        ...(change.packetType && { packetType: change.packetType }),
      };
