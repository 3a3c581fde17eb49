import type { Transmit } from '../transmitter.ts';
import type { Link } from '../../../model/link.ts';
import type { OvsBridge } from '../../../model/openvswitch.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { takenByProgram } from '../checksum.ts';
import { bridgeDisposition } from '../bridge-port.ts';
import { withTag } from '../bridge-port.ts';
import {
  blocked,
  ended,
  moving,
  withDoubts,
  withForks,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from '../../journey.ts';
import { frameDropped, takesFrame } from '../mtu.ts';
import { addressType } from '../../route/route.ts';
import { segmentOf, stationsWith } from '../segment.ts';
import { confMax } from '../../sysctl.ts';
import type { View } from '../../view.ts';
import { carry, type Exit } from './carry.ts';
import { cameTagged } from './ports.ts';
import { isOwnPort } from './own-port.ts';
import { EVERYBODY } from '../group-address.ts';

export interface SwitchedFrame {
  readonly bridge: Link;
  readonly ovs: OvsBridge;
  /** The bridge's own interface counts as a port. */
  readonly inPort: Link;
  readonly frame: Frame;
}

const leads = (snapshot: Snapshot, view: View, port: Link, mac: string): boolean =>
  isOwnPort(port) ? port.mac === mac : stationsWith(segmentOf(snapshot, view.id, port), mac).length > 0;

/** An Open vSwitch bridge passes a frame on as its flows say: to whom it is for, as far as they let it. */
export function switchFrame(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  at: SwitchedFrame,
  transmit: Transmit,
): readonly Next[] {
  const heard = withDoubts(journey, heardTwice(view, journey, at));
  const onward = (taken: Journey): readonly Next[] => passOn(snapshot, view, taken, at, transmit);
  return at.ovs.userspace
    ? takenByProgram(snapshot, view, heard, { port: at.inPort, finishing: at.ovs.offloads ?? false }, onward)
    : onward(heard);
}

/**
 * A program reads a port's frames beside the kernel, which goes on to look at them: for an address of the namespace's own it
 * answers questions by the port itself, and takes what is sent there then.
 */
const heardTwice = (
  view: View,
  { packet, expected }: Journey,
  { ovs, inPort }: SwitchedFrame,
): readonly string[] =>
  // Who answers knows the asker's hardware address from the question.
  !expected &&
  ovs.userspace &&
  inPort.ovs?.role === 'system' &&
  packet.family === 4 &&
  addressType(view, packet.destination) === 'local' &&
  confMax(view, inPort.name, 'arp_ignore') === 0
    ? [
        `${view.label} may answer for ${packet.destination} by ${inPort.name} itself before Open vSwitch does: arp_ignore=1 of ${inPort.name} keeps it silent`,
      ]
    : [];

const passOn = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  at: SwitchedFrame,
  transmit: Transmit,
): readonly Next[] => {
  const { bridge, ovs, inPort, frame } = at;
  const { source, destination } = frame;
  if (destination === null || destination === EVERYBODY || frame.group !== undefined)
    return [blocked(journey, `a broadcast through ${bridge.name} is not followed`, [])];
  const carried = carry(view.links, bridge, ovs, inPort, {
    source,
    destination,
    vlan: frame.vlan ?? null,
    content: { type: 'ip', packet: journey.packet },
  });
  if (carried.type === 'unknown') return [blocked(journey, carried.reason, [])];
  if (carried.type === 'stopped')
    return [
      ended(
        withSteps(journey, carried.step),
        carried.step.kind === 'bridge' ? bridgeDisposition('vlan') : 'dropped',
      ),
    ];
  const { exits, by } = carried;
  const place = { bridge: bridge.name, inPort: inPort.name };
  const leading = exits.filter(({ port }) => leads(snapshot, view, port, destination));
  const open = leading.filter(({ tag }) => tag !== 'refused');
  const [kept] = leading;
  if (open.length === 0 && kept)
    return [
      ended(
        withSteps(journey, {
          kind: 'bridge',
          ...place,
          outPort: kept.port.name,
          by: 'flood',
          problem: 'vlan',
          ...cameTagged(frame.vlan ?? null),
        }),
        bridgeDisposition('vlan'),
      ),
    ];
  if (open.length > 0) {
    const forked =
      open.length > 1
        ? withForks(journey, [`${destination} is behind several ports of ${bridge.name}`])
        : journey;
    return open.flatMap((exit) => leaveBy(snapshot, view, forked, at, exit, transmit));
  }
  const segments = exits
    .filter(({ port, tag }) => tag !== 'refused' && !isOwnPort(port))
    .map((exit) => ({ exit, segment: segmentOf(snapshot, view.id, exit.port) }));
  const missing = segments.flatMap(({ segment }) => segment.missing);
  const outside = segments.find(({ segment }) => segment.exits.length > 0);
  if (missing.length === 0 && outside) return leaveBy(snapshot, view, journey, at, outside.exit, transmit);
  if (missing.length > 0 || segments.some(({ segment }) => segment.unknowns.length > 0))
    return [blocked(journey, `which port of ${bridge.name} leads to ${destination} is not known`, missing)];
  const step = by
    ? ({
        kind: 'flow',
        ...place,
        outPort: exits[0]?.port.name ?? null,
        table: by.table,
        flow: by.flow?.text ?? null,
        verdict: 'elsewhere',
      } as const)
    : ({ kind: 'bridge', ...place, outPort: null, by: 'flood', problem: 'no-port-leads-there' } as const);
  return [ended(withSteps(journey, step), by ? 'dropped' : 'neighbour-unresolved')];
};

const leaveBy = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { bridge, inPort, frame }: SwitchedFrame,
  { port, tag }: Exit,
  transmit: Transmit,
): readonly Next[] => {
  const outgoing = withTag(frame, tag === 'refused' ? null : tag);
  const place = { kind: 'bridge' as const, bridge: bridge.name, inPort: inPort.name };
  if (isOwnPort(port)) {
    const local = withSteps(journey, { ...place, outPort: null, by: 'local' });
    return [moving(local, { type: 'arrival', namespace: view.id, link: port.index, frame: outgoing })];
  }
  const stepped = withSteps(journey, { ...place, outPort: port.name, by: 'fdb' });
  return takesFrame(port.mtu, stepped.packet)
    ? transmit(snapshot, view, stepped, port, outgoing)
    : [frameDropped(stepped, port)];
};
