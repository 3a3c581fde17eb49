import { hasPorts } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Journey } from '../journey.ts';
import { sysctlNumber } from '../sysctl.ts';
import { openNamespace, type View } from '../view.ts';

/** FIB_MULTIPATH_HASH_FIELD_* of include/net/ip_fib.h. */
const FLOW_LABEL = 0x08;
const SOURCE_PORT = 0x10;
const DESTINATION_PORT = 0x20;
const USUAL_FIELDS = 0x07;

/**
 * Whether the hash that chooses among next hops is another one for each connection between the same two addresses
 * (fib_multipath_hash() of net/ipv4/route.c, rt6_multipath_hash() of net/ipv6/route.c). What is sent from here has no flow label yet.
 */
export function isDrawnAnew(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  lookup: 'input' | 'output',
): boolean {
  const { packet } = journey;
  // Asked of one connection alone.
  if (!hasPorts(packet) || journey.recalls) return false;
  const labelled = lookup === 'input' && hasFlowLabel(snapshot, journey);
  const names = `net/ipv${packet.family}/fib_multipath_hash`;
  switch (sysctlNumber(view, `${names}_policy`, 0)) {
    case 1:
      return true;
    case 3: {
      const fields = sysctlNumber(view, `${names}_fields`, USUAL_FIELDS);
      const ephemeral = journey.expected === null ? SOURCE_PORT : DESTINATION_PORT;
      return (fields & ephemeral) !== 0 || (labelled && (fields & FLOW_LABEL) !== 0);
    }
    default:
      return labelled;
  }
}

/** ip6_make_flowlabel() of include/net/ipv6.h: the sender's kernel makes one of each connection's ports, unless it was told not to. */
const hasFlowLabel = (snapshot: Snapshot, { packet, hops }: Journey): boolean => {
  const sender = packet.family === 6 ? hops[0]?.namespace : undefined;
  const opened = sender === undefined ? null : openNamespace(snapshot, sender);
  return opened?.state === 'open' && sysctlNumber(opened.view, 'net/ipv6/auto_flowlabels', 1) !== 0;
};
