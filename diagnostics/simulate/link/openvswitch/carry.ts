import { hasPorts } from '../../../model/packet.ts';
import { protocolNumber } from '../../ip/packets.ts';
import { shellWord } from '../../../model/shell-word.ts';
import type { Link } from '../../../model/link.ts';
import { ofprotoTrace, type OvsBridge } from '../../../model/openvswitch.ts';
import type { Step } from '../../../model/trace.ts';
import { decide, type Reference } from './decide.ts';
import { flowTables } from './flow.ts';
import type { Seen } from './match.ts';
import { cameTagged, comesIn, goesOut, portNamed, switchPorts } from './ports.ts';

/** A port that a frame would leave by; `tag` is `refused` where the port's VLANs keep it back. */
export interface Exit {
  readonly port: Link;
  readonly tag: number | null | 'refused';
}

/** What an Open vSwitch bridge does with one frame. */
export type Carried =
  /** `by`: the flow that sends it by ports of its own choice; null: the switch learns and floods. */
  | { readonly type: 'out'; readonly exits: readonly Exit[]; readonly by: Reference | null }
  | { readonly type: 'stopped'; readonly step: Step }
  | { readonly type: 'unknown'; readonly reason: string };

/** xlate_actions(), with the flows of a bridge as they are now. */
export function carry(
  links: readonly Link[],
  bridge: Link,
  ovs: OvsBridge,
  inPort: Link,
  frame: Omit<Seen, 'port'>,
): Carried {
  const ask = `${ofprotoTrace(ovs, packetWords(inPort, frame)).map(shellWord).join(' ')}`;
  const place = { bridge: bridge.name, inPort: inPort.name, outPort: null };
  if (ovs.flows.state !== 'known')
    return {
      type: 'unknown',
      reason:
        ovs.flows.state === 'denied'
          ? ovs.flows.reason
          : `the flows of the Open vSwitch bridge ${bridge.name} were not read`,
    };
  if (ovs.unmodelled.length > 0)
    return {
      type: 'unknown',
      reason: `the Open vSwitch bridge ${bridge.name} uses ${ovs.unmodelled.join(', ')}, which is not modelled: ${ask} shows what it does with the packet`,
    };
  const seen: Seen = { ...frame, port: { number: inPort.ovs?.number ?? null, name: inPort.name } };
  const decision = decide(flowTables(ovs.flows.value), seen);
  if (decision.type === 'unknown')
    return {
      type: 'unknown',
      reason: `a flow of the Open vSwitch bridge ${bridge.name} is not modelled (${decision.what}): ${ask} shows what it does with the packet`,
    };
  const flow = {
    kind: 'flow' as const,
    ...place,
    table: decision.by.table,
    flow: decision.by.flow?.text ?? null,
  };
  if (decision.type === 'dropped') return { type: 'stopped', step: { ...flow, verdict: 'dropped' } };
  const exits: Exit[] = [];
  let normal = false;
  for (const { to, vlan } of decision.outputs) {
    const raw = (port: Link): Exit => ({ port, tag: vlan });
    const others = switchPorts(links, bridge).filter((port) => port !== inPort);
    switch (to.type) {
      case 'normal': {
        normal = true;
        const entry = comesIn(inPort, vlan);
        if (entry === 'refused')
          return {
            type: 'stopped',
            step: { kind: 'bridge', ...place, by: 'flood', problem: 'vlan', ...cameTagged(vlan) },
          };
        for (const port of others) {
          const out = goesOut(port, entry.vlan ?? 0);
          exits.push({ port, tag: out === 'refused' ? out : out.tag });
        }
        break;
      }
      case 'all':
        exits.push(...others.map(raw));
        break;
      case 'back':
        exits.push(raw(inPort));
        break;
      case 'port': {
        const port = portNamed(links, bridge, to.port);
        // A port that is gone, or the one it came in by: the daemon skips it.
        if (port && port !== inPort) exits.push(raw(port));
      }
    }
  }
  return exits.length > 0
    ? { type: 'out', exits, by: normal ? null : decision.by }
    : { type: 'stopped', step: { ...flow, verdict: 'dropped' } };
}

/** The packet in the words of ofproto/trace. */
export function packetWords(
  inPort: Link,
  { content, source, destination, vlan }: Omit<Seen, 'port'>,
): string {
  const macs = [
    `in_port=${inPort.ovs?.number ?? inPort.name}`,
    ...(vlan === null ? [] : [`dl_vlan=${vlan}`]),
    ...(source === null ? [] : [`dl_src=${source}`]),
    ...(destination === null ? [] : [`dl_dst=${destination}`]),
  ];
  if (content.type === 'arp')
    return [
      ...macs,
      ...['arp', `arp_op=${content.operation}`, `arp_spa=${content.sender}`, `arp_tpa=${content.target}`],
    ].join(',');
  const { packet } = content;
  const [six, src, dst] = packet.family === 6 ? ['6', 'ipv6_src', 'ipv6_dst'] : ['', 'nw_src', 'nw_dst'];
  const more =
    packet.protocol === 'icmp'
      ? [`icmp${six === '' ? '' : 'v6'}_type=${packet.icmp?.type ?? 8}`]
      : hasPorts(packet)
        ? [`tp_src=${packet.sourcePort}`, `tp_dst=${packet.destinationPort}`]
        : [`nw_proto=${protocolNumber(packet.protocol, packet.family)}`];
  const word =
    packet.protocol === 'icmp' || hasPorts(packet) ? `${packet.protocol}${six}` : `ip${six && 'v6'}`;
  return [
    ...[...macs, word, `${src}=${packet.source}`, `${dst}=${packet.destination}`],
    ...[...more, `nw_ttl=${packet.ttl}`],
  ].join(',');
}
