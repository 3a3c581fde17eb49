import type { NamespaceId } from '../../model/ids.ts';
import { withoutLocal } from '../ip/packets.ts';
import type { Journey } from '../journey.ts';
import type { View } from '../view.ts';

/** The packet as it comes into a namespace: its mark is worth nothing in another one (____dev_forward_skb()). */
export const crossing = (from: View, journey: Journey, to: NamespaceId): Journey =>
  to === from.id ? journey : { ...journey, packet: withoutLocal(journey.packet) };
