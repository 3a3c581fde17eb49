import { sameAddress } from '../../model/ip.ts';
import type { Link, TunnelKind } from '../../model/link.ts';
import type { Hop } from '../../model/trace.ts';
import { withSnooped, type Frame, type Journey } from '../journey.ts';
import type { View } from '../view.ts';

/** Why the tunnel drops a frame that came out of it: vxlan_set_mac(), geneve_rx(), vxlan_snoop(). */
export function notAdmitted(
  view: View,
  { name, kind, mac }: Link,
  { source }: Frame,
  from: string,
  hop: Hop | undefined,
): Hop | null {
  if (source === null || !hop) return null;
  const refused = (tunnel: TunnelKind, id: number | null, problem: 'own-mac' | 'sender-elsewhere'): Hop => ({
    namespace: view.id,
    packet: hop.packet,
    inDev: name,
    outDev: null,
    steps: [{ kind: 'tunnel', dev: name, tunnel, id, remote: from, mac: source, problem }],
  });
  // It looks like a frame of its own that came back.
  if (kind.type === 'vxlan' && source === mac) return refused('vxlan', kind.id, 'own-mac');
  if (kind.type === 'tunnel' && kind.kind === 'geneve' && source === mac)
    return refused('geneve', kind.id ?? null, 'own-mac');
  if (kind.type !== 'vxlan' || !kind.learning) return null;
  // A fixed entry says that the sender is elsewhere.
  const entry = view.fdb.find(
    (one) => one.dev === name && one.mac === source && one.remote !== undefined && one.state !== 'learned',
  );
  return entry?.remote === undefined || sameAddress(entry.remote, from)
    ? null
    : refused('vxlan', kind.id, 'sender-elsewhere');
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
