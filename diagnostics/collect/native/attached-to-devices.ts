import { NetlinkError } from '../../host/native/netlink.ts';
import type { SystemCalls } from '../../host/native/system-calls.ts';
import type { Visit } from '../../host/native/visit.ts';
import { NotUnderstood } from '../netlink/bytes.ts';
import { interfacesOf } from '../netlink/interface-table.ts';

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
export function hasAttachedPrograms(visit: Visit): boolean | null {
  try {
    return interfacesOf(visit).all.some(({ index }) =>
      ATTACH_TYPES.some((type) => countOf(visit.calls, index, type) > 0),
    );
  } catch (error) {
    if (error instanceof NetlinkError || error instanceof NotUnderstood) return null;
    throw error;
  }
}

function countOf(calls: SystemCalls, index: number, attachType: number): number {
  const query = Buffer.alloc(QUERY_BYTES);
  query.writeInt32LE(index, 0);
  query.writeUInt32LE(attachType, 4);
  return calls.bpf(BPF_PROG_QUERY, query, query.length) === 0 ? query.readUInt32LE(COUNT_AT) : 0;
}
