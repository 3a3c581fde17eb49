import { listing, NETLINK_ROUTE } from '../../host/native/listing.ts';
import { attributesIn, textOf } from '../../host/native/netlink-message.ts';
import type { Visit } from '../../host/native/visit.ts';

const RTM_NEWQDISC = 36;
const RTM_GETQDISC = 38;
const TCA_KIND = 1;

/** struct tcmsg: family, interface, handle, parent, and more. */
const HEADER_BYTES = 20;

/** The kind of every queue of every interface (tc_dump_qdisc() of net/sched/sch_api.c); null where the kernel does not answer. */
export function readQueueKinds(visit: Visit): readonly string[] | null {
  const messages = listing(visit, NETLINK_ROUTE, RTM_GETQDISC, Buffer.alloc(HEADER_BYTES));
  const kinds: string[] = [];
  for (const { type, body } of messages ?? []) {
    const kind = attributesIn(body, HEADER_BYTES).get(TCA_KIND);
    if (type !== RTM_NEWQDISC || kind === undefined) return null;
    kinds.push(textOf(kind));
  }
  return messages && kinds;
}
