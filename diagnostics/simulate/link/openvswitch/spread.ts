import type { Link } from '../../../model/link.ts';
import type { OvsBridge } from '../../../model/openvswitch.ts';
import { flowManners } from './flow.ts';
import { comesIn, goesOut, switchPorts } from './ports.ts';

/** A port that a broadcast comes to, and whether the ports' VLANs keep it away. */
export interface Reached {
  readonly port: Link;
  readonly tag: number | null;
  readonly refused: 'in' | 'out' | null;
}

/**
 * Where a broadcast of any kind would come to: what the flows say of one question is looked at when it is known who asks whom
 * (asking.ts). `unknowns`: why somebody may hear it who is not found here.
 */
export function spreadOver(
  links: readonly Link[],
  bridge: Link,
  ovs: OvsBridge,
  { inPort, tag }: { readonly inPort: Link; readonly tag: number | null },
): { readonly reached: readonly Reached[]; readonly unknowns: readonly string[] } {
  const { flows } = ovs;
  const manners =
    flows.state === 'known' ? flowManners(flows.value) : { rewritesTags: true, sendsByHand: true };
  const entry = comesIn(inPort, tag);
  const free = manners.sendsByHand || manners.rewritesTags;
  const reached = switchPorts(links, bridge)
    .filter((port) => port !== inPort)
    .map((port): Reached => {
      const out = entry === 'refused' ? entry : goesOut(port, entry.vlan ?? 0);
      if (out !== 'refused') return { port, tag: out.tag, refused: null };
      return { port, tag, refused: free ? null : entry === 'refused' ? 'in' : 'out' };
    });
  const unknowns = [
    ...(flows.state === 'known'
      ? []
      : [
          flows.state === 'denied'
            ? flows.reason
            : `the flows of the Open vSwitch bridge ${bridge.name} were not read`,
        ]),
    ...(manners.rewritesTags && flows.state === 'known'
      ? [`flows of the Open vSwitch bridge ${bridge.name} change VLAN tags`]
      : []),
    ...(ovs.unmodelled.length > 0
      ? [`the Open vSwitch bridge ${bridge.name} uses ${ovs.unmodelled.join(', ')}, which is not modelled`]
      : []),
  ];
  return { reached, unknowns };
}
