import { discoveryPacket } from '../../neighbour/nd-packet.ts';
import { familyOf } from '../../../model/ip.ts';
import { linkNamed } from '../../../model/link.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { NeighbourRequest } from '../../neighbour/arp.ts';
import { bridgeDisposition } from '../bridge-port.ts';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from '../../ip/icmp-numbers.ts';
import { isBridge, type Fault, type Station } from '../station.ts';
import { linksOf, type PlacedLink } from '../wires.ts';
import { carry } from './carry.ts';
import { cameTagged } from './ports.ts';
import type { Seen } from './match.ts';
import { switchOf } from './own-port.ts';
import { EVERYBODY } from '../group-address.ts';

export type Passage =
  | { readonly passed: true; readonly doubts: readonly string[] }
  | { readonly passed: false; readonly fault: Fault };

/** Multicast frames of IPv6; the last four bytes are the group's. */
const MULTICAST6 = '33:33:ff:00:00:00';

/** Whether the flows of Open vSwitch bridges on the way let the question for a neighbour through, and its answer. */
export function questionPasses(
  snapshot: Snapshot,
  asker: PlacedLink,
  owner: Station,
  { sender, target }: NeighbourRequest,
): Passage {
  const six = familyOf(target) === 6;
  const ip = (type: number, from: string, to: string): Seen['content'] => ({
    type: 'ip',
    packet: discoveryPacket(type, from, to),
    target,
  });
  const question: Seen['content'] = six
    ? ip(NEIGHBOUR_SOLICITATION, sender, target)
    : { type: 'arp', operation: 1, sender, target };
  const answer: Seen['content'] = six
    ? ip(NEIGHBOUR_ADVERTISEMENT, target, sender)
    : { type: 'arp', operation: 2, sender: target, target: sender };
  const bridges = owner.crossed.filter(isBridge);
  const doubts: string[] = [];
  const stages = [
    ...bridges.map((one) => ({
      one,
      from: one.inPort,
      to: one.outPort,
      tag: one.tags?.[0] ?? null,
      source: asker.link.mac,
      destination: six ? MULTICAST6 : EVERYBODY,
      content: question,
    })),
    ...[...bridges].reverse().map((one) => ({
      one,
      from: one.outPort,
      to: one.inPort,
      tag: one.tags?.[1] ?? null,
      source: owner.link.mac,
      destination: asker.link.mac,
      content: answer,
    })),
  ];
  for (const { one, from, to, tag, source, destination, content } of stages) {
    const links = linksOf(snapshot, one.namespace) ?? [];
    const bridge = linkNamed(links, one.bridge);
    const ovs = switchOf(bridge);
    const inPort = linkNamed(links, from ?? one.bridge);
    if (!bridge || !ovs || !inPort) continue;
    const carried = carry(links, bridge, ovs, inPort, { source, destination, vlan: tag, content });
    const stop = (step: Fault['step']): Passage => ({
      passed: false,
      fault: {
        namespace: one.namespace,
        inDev: inPort.name,
        step,
        disposition: step.kind === 'bridge' ? bridgeDisposition('vlan') : 'dropped',
      },
    });
    if (carried.type === 'unknown') doubts.push(carried.reason);
    else if (carried.type === 'stopped') return stop(carried.step);
    else {
      const wanted = to ?? one.bridge;
      const exit = carried.exits.find(({ port }) => port.name === wanted);
      const place = { bridge: bridge.name, inPort: inPort.name };
      if (exit && exit.tag !== 'refused') continue;
      if (exit || !carried.by)
        return stop({
          kind: 'bridge',
          ...place,
          outPort: wanted,
          by: 'flood',
          problem: 'vlan',
          ...cameTagged(tag),
        });
      return stop({
        kind: 'flow',
        ...place,
        outPort: carried.exits[0]?.port.name ?? null,
        table: carried.by.table,
        flow: carried.by.flow?.text ?? null,
        verdict: 'elsewhere',
      });
    }
  }
  return { passed: true, doubts };
}
