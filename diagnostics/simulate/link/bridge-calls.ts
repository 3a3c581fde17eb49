import type { Packet } from '../../model/packet.ts';
import type { Journey } from '../journey.ts';
import { sysctlNumber } from '../sysctl.ts';
import type { View } from '../view.ts';

const BRIDGE_CALLS = {
  4: 'net/bridge/bridge-nf-call-iptables',
  6: 'net/bridge/bridge-nf-call-ip6tables',
} as const;

/** br_netfilter hands bridged frames to the IP hooks of the bridge's namespace. */
export const bridgeCallsIptables = (view: View, { family }: Pick<Packet, 'family'>): boolean =>
  sysctlNumber(view, BRIDGE_CALLS[family], 0) !== 0;

/**
 * The port by which a packet came to the bridge that gave it to the IP stack: br_netfilter noted it in PREROUTING, and it stays with
 * the packet until that leaves the namespace (nf_bridge_get_physindev()).
 */
export function bridgePortOf(view: View, { packet, hops }: Journey): string | null {
  const kept = hops.at(-1)?.steps.find((step) => step.kind === 'bridge' && step.by === 'local');
  return kept?.kind === 'bridge' && bridgeCallsIptables(view, packet) ? kept.inPort : null;
}
