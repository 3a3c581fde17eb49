import { sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { Hop, Step } from '../../model/trace.ts';
import { withSnooped, type Frame, type Journey } from '../journey.ts';
import type { View } from '../view.ts';

/** vxlan_snoop(): a fixed entry that says otherwise makes the tunnel drop the frame. */
export function notAdmitted(
  view: View,
  link: Link,
  { source }: Frame,
  from: string,
  hop: Hop | undefined,
): Hop | null {
  if (link.kind.type !== 'vxlan' || !link.kind.learning || source === null || !hop) return null;
  const entry = view.fdb.find(
    (one) =>
      one.dev === link.name && one.mac === source && one.remote !== undefined && one.state !== 'learned',
  );
  if (entry?.remote === undefined || sameAddress(entry.remote, from)) return null;
  const step: Step = {
    kind: 'tunnel',
    dev: link.name,
    tunnel: 'vxlan',
    id: link.kind.id,
    remote: from,
    mac: source,
    problem: 'sender-elsewhere',
  };
  return { namespace: view.id, packet: hop.packet, inDev: link.name, outDev: null, steps: [step] };
}

/** Who was just heard: vxlan remembers where a hardware address is, WireGuard where a peer is (wg_socket_set_peer_endpoint()). */
export function remembered(
  journey: Journey,
  view: View,
  { name, kind }: Link,
  { source }: Frame,
  heard: { readonly from: string; readonly port: number; readonly key?: string },
): Journey {
  const entry = { dev: name, remote: heard.from, state: 'learned' } as const;
  if (heard.key !== undefined)
    return withSnooped(journey, view.id, { ...entry, mac: heard.key, remotePort: heard.port });
  return kind.type === 'vxlan' && kind.learning && source !== null
    ? withSnooped(journey, view.id, { ...entry, mac: source })
    : journey;
}
