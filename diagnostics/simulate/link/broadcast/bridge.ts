import type { NamespaceId } from '../../../model/ids.ts';
import { portsOf, type Link } from '../../../model/link.ts';
import {
  admitted,
  bridgeDisposition,
  egressProblem,
  excepted,
  isLockedOut,
  isWanted,
  leavesAs,
  sendsToJoined,
  type BridgeProblem,
} from '../bridge-port.ts';
import { ipvlansHear } from './ipvlan.ts';
import { childrenOf } from '../macvlan.ts';
import type { Crossing, Fault } from '../station.ts';
import { bridgeMacs, fdbOf, linksOf, transmitProblem, uppersOf } from '../wires.ts';
import type { Flood, Wave } from './flood.ts';
import { fromWire } from './macvlan.ts';

/** Through a bridge of the kernel: from a port, or (null) from the bridge's own IP stack. */
export function throughBridge(
  flood: Flood,
  namespace: NamespaceId,
  bridge: Link,
  inPort: Link | null,
  before: Wave,
): void {
  const links = linksOf(flood.snapshot, namespace) ?? [];
  const place = { bridge: bridge.name, inPort: inPort?.name ?? null };
  const heeded = sendsToJoined(bridge, flood.group) ? flood.group : null;
  const stop = (outPort: string | null, problem: BridgeProblem): Fault => ({
    namespace,
    inDev: inPort?.name ?? null,
    step: {
      kind: 'bridge',
      ...place,
      outPort,
      by: 'flood',
      problem,
      ...(problem === 'not-joined' ? { group: flood.group ?? '' } : {}),
    },
    disposition: bridgeDisposition(problem),
  });
  const entry = admitted(bridge, inPort ?? bridge, before.vlan);
  const refused: BridgeProblem | null = !bridge.up
    ? 'bridge-down'
    : inPort?.port && inPort.port.state !== 'forwarding'
      ? 'port-not-forwarding'
      : entry === 'refused'
        ? 'vlan'
        : isLockedOut(fdbOf(flood.snapshot, namespace), bridge, inPort, before.source)
          ? 'locked'
          : null;
  const fault = before.fault ?? (refused ? stop(null, refused) : null);
  const vlan = entry === 'refused' ? null : entry.vlan;
  const through = (outPort: string | null): readonly Crossing[] => [
    ...before.crossed,
    { type: 'bridge', namespace, bridge: bridge.name, inPort: inPort?.name ?? null, outPort },
  ];
  if (inPort) {
    const unheard = heeded !== null && bridge.promiscuous !== true && !isWanted(bridge, heeded, vlan);
    const kept = fault ?? (unheard ? stop(null, 'not-joined') : null);
    intoBridge(flood, namespace, bridge, { ...before, fault: kept, crossed: through(null) }, vlan, stop);
  }
  const spared = (port: Link): BridgeProblem | null => {
    if (heeded === null) return inPort && excepted(flood.cast, port);
    return isWanted(port, heeded, vlan) ? null : 'not-joined';
  };
  for (const port of portsOf(links, bridge)) {
    if (port === inPort && port.port?.hairpin !== true) continue;
    if (port.port?.proxyArp) {
      flood.unknowns.push(
        `what the bridge ${bridge.name} answers for those behind its port ${port.name} (proxy_arp) is not modelled`,
      );
      continue;
    }
    const tag = leavesAs(port, vlan, before.vlan);
    const stopped =
      transmitProblem(port) === null
        ? (egressProblem(inPort, port) ?? (tag === 'refused' ? 'vlan' : spared(port)))
        : null;
    // A port without carrier is out of service: its device says why better than its state.
    const lost = fault ?? (stopped ? stop(port.name, stopped) : null);
    flood.transmit(namespace, port, {
      ...before,
      fault: lost,
      crossed: through(port.name),
      vlan: tag === 'refused' ? before.vlan : tag.tag,
    });
  }
}

/** br_pass_frame_up(): to the bridge's own stack, or to a VLAN device on it. */
function intoBridge(
  flood: Flood,
  namespace: NamespaceId,
  bridge: Link,
  wave: Wave,
  vlan: number | null,
  stop: (outPort: string | null, problem: BridgeProblem) => Fault,
): void {
  const links = linksOf(flood.snapshot, namespace) ?? [];
  const tag = leavesAs(bridge, vlan, wave.vlan);
  const fault = wave.fault ?? (tag === 'refused' ? stop(null, 'vlan') : null);
  const own = tag === 'refused' ? wave.vlan : tag.tag;
  const tagged = uppersOf(flood.snapshot, namespace, bridge.index).find(
    ({ link }) => link.kind.type === 'vlan' && link.kind.id === own,
  );
  if (tagged) {
    flood.arrive(tagged.namespace, tagged.link.index, { ...wave, fault, vlan: null });
    return;
  }
  ipvlansHear(flood, { namespace, link: bridge }, { ...wave, fault });
  const children = childrenOf(flood.snapshot, namespace, bridge.index);
  if (children.length > 0) {
    fromWire(flood, { namespace, link: bridge }, children, { ...wave, fault });
    return;
  }
  if (own !== null && own !== 0 && tag !== 'refused') return;
  flood.hear({
    namespace,
    link: bridge,
    macs: bridgeMacs(links, bridge),
    fault,
    crossed: wave.crossed,
  });
}
