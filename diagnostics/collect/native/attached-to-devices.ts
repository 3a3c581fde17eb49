import { listing, NETLINK_ROUTE } from '../../host/native/listing.ts';
import { attribute } from '../../host/native/netlink-message.ts';
import type { SystemCalls } from '../../host/native/system-calls.ts';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
/** struct ifinfomsg: family, type, interface, flags. */
const HEADER_BYTES = 16;
const INTERFACE_AT = 4;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;

const BPF_PROG_QUERY = 16;
/** The beginning of the kernel's union bpf_attr, as long as a query of 6.6 and later is. */
const QUERY_BYTES = 64;
const COUNT_AT = 24;
/** tcx/ingress, tcx/egress, netkit/primary, netkit/peer. */
const ATTACH_TYPES = [46, 47, 54, 55] as const;

/**
 * Whether an interface has programs by itself, outside of queues (tcx, netkit): what bpftool would list. Who may not ask, and a
 * kernel that knows of none, are told of none, as bpftool tells. Null where interfaces cannot be listed.
 */
export function hasAttachedPrograms(calls: SystemCalls): boolean | null {
  const mask = Buffer.alloc(4);
  mask.writeUInt32LE(RTEXT_FILTER_SKIP_STATS);
  const question = Buffer.concat([Buffer.alloc(HEADER_BYTES), attribute(IFLA_EXT_MASK, mask)]);
  const links = listing(calls, NETLINK_ROUTE, RTM_GETLINK, question);
  if (!links?.every(({ type, body }) => type === RTM_NEWLINK && body.length >= HEADER_BYTES)) return null;
  return links.some(({ body }) => {
    const index = body.readInt32LE(INTERFACE_AT);
    return ATTACH_TYPES.some((type) => countOf(calls, index, type) > 0);
  });
}

function countOf(calls: SystemCalls, index: number, attachType: number): number {
  const query = Buffer.alloc(QUERY_BYTES);
  query.writeInt32LE(index, 0);
  query.writeUInt32LE(attachType, 4);
  return calls.bpf(BPF_PROG_QUERY, query, query.length) === 0 ? query.readUInt32LE(COUNT_AT) : 0;
}
