import type { NamespaceId } from '../../model/ids.ts';
import { withoutLocal } from '../ip/packets.ts';
import { moving, type Frame, type Journey, type Next } from '../journey.ts';
import type { View } from '../view.ts';

/** The packet as it comes into a namespace: its mark is worth nothing in another one (____dev_forward_skb()). */
export const crossing = (from: View, journey: Journey, to: NamespaceId): Journey =>
  to === from.id ? journey : { ...journey, packet: withoutLocal(journey.packet) };

/** A frame that comes in by this device next, in the same namespace or in another. */
export const arriveAt = (
  from: View,
  journey: Journey,
  device: { readonly namespace: NamespaceId; readonly link: number },
  frame: Frame,
): Next => moving(crossing(from, journey, device.namespace), { type: 'arrival', ...device, frame });
