import type { Packet } from '../../model/packet.ts';

/** TC_PRIO_BESTEFFORT, TC_PRIO_BULK, TC_PRIO_INTERACTIVE, TC_PRIO_INTERACTIVE_BULK, by the upper two bits of the old type of service. */
const PRIORITIES = [0, 2, 6, 4] as const;
const TOS_MASK = 0x1e;

/** rt_tos2priority() of include/net/route.h */
const priorityOf = (tos: number): number => PRIORITIES[(tos & TOS_MASK) >> 3] ?? 0;

/** ip_forward() and ip6_forward(): a hop less to live; IPv4's priority is worked out anew. */
export function passedOn({ priority: old, ...packet }: Packet): Packet {
  const priority = packet.family === 4 ? priorityOf(packet.tos ?? 0) : (old ?? 0);
  return { ...packet, ttl: packet.ttl - 1, ...(priority === 0 ? {} : { priority }) };
}
