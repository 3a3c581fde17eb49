import type { Trace } from '../model/trace.ts';
import type { FlowStart } from '../simulate/start.ts';

/** The question whose first packet went this way; null where it never set out. */
export function startOf(forward: Trace): FlowStart | null {
  const [first] = forward.hops;
  if (!first) return null;
  const sent = first.steps.find((step) => step.kind === 'send');
  const packet = sent?.kind === 'send' ? sent.packet : first.packet;
  const { protocol } = packet;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp') return null;
  const asked = {
    namespace: first.namespace,
    destination: packet.destination,
    protocol,
    port: protocol === 'icmp' ? null : packet.destinationPort,
  };
  if (sent) return { ...asked, from: 'namespace' };
  return first.inDev === null
    ? null
    : { ...asked, from: 'outside', source: packet.source, device: first.inDev };
}
