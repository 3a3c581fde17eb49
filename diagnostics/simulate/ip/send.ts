import type { Link } from '../../model/link.ts';
import type { Route } from '../../model/route.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { atHook } from '../netfilter/hooks.ts';
import { changedAtIpsec } from './ipsec.ts';
import { ICMP } from './icmp-numbers.ts';
import { meetPrograms, programsOfSender } from './socket-programs.ts';
import { receiveLocal } from './local-input.ts';
import {
  blocked,
  ended,
  moving,
  withDoubts,
  withSteps,
  type Ending,
  type Journey,
  type Next,
} from '../journey.ts';
import { isTunnel, type Fault } from '../link/station.ts';
import { resolveNeighbour } from '../neighbour/neighbour.ts';
import { castOf, EVERYBODY } from '../link/group-address.ts';
import { transmitProblem } from '../link/wires.ts';
import { transmit } from '../link/transmit.ts';
import { isVrf } from '../route/vrf.ts';
import { linkByName, type View } from '../view.ts';

/** Where routing sends a packet. */
export interface Exit {
  readonly dev: string;
  /** Gateway; null where the destination itself is on the link. */
  readonly via: string | null;
  /** To this machine itself, by the loopback. */
  readonly local: boolean;
  readonly route: Route | null;
  readonly forwarded: boolean;
  /** The device it came in by, of what is passed on: rules see it until the end (ip_output() since Linux 5.7). */
  readonly inDev?: string;
}

/** arp_error_report(), ndisc_error_report(): what becomes known when the next hop does not answer within three seconds. */
const unreachable = ({ packet }: Journey): Omit<Ending, 'disposition' | 'namespace'> => ({
  answer: { kind: 'icmp', ...ICMP[packet.family].addressUnreachable, speaks: 'router' },
});

/** ip_output(): POSTROUTING, then the neighbour, then the device. */
export function sendOut(snapshot: Snapshot, view: View, journey: Journey, exit: Exit): readonly Next[] {
  const place = {
    hook: 'postrouting' as const,
    inDev: exit.inDev ?? null,
    outDev: exit.dev,
    towards: exit.via ?? journey.packet.destination,
  };
  const { inDev, outDev } = place;
  if (isWrapped(exit))
    return [
      blocked(
        journey,
        `how the route “${exit.route?.text ?? ''}” of ${view.label} wraps the packet (encap) is not modelled`,
        [],
      ),
    ];
  return atHook(view, journey, place, (after) =>
    changedAtIpsec(view, journey, after, { direction: 'out', inDev, outDev }, (passed) =>
      finishOutput(
        snapshot,
        view,
        exit.forwarded ? passed : meetPrograms(view, passed, 'egress', programsOfSender(view, passed)),
        exit,
      ),
    ),
  );
}

/** lwtunnel_output(), ip_tunnel_info of a dst_entry: the route itself puts the packet into another, or a label before it. */
const isWrapped = ({ route, dev }: Exit): boolean =>
  route?.nextHops.some((hop) => hop.encapsulation !== undefined && hop.dev === dev) ?? false;

const finishOutput = (snapshot: Snapshot, view: View, journey: Journey, exit: Exit): readonly Next[] => {
  const link = linkByName(view, exit.dev);
  if (!link) return [blocked(journey, `the device ${exit.dev} of ${view.label} was not found`, [])];
  if (link.kind.type === 'loopback' || (isVrf(link) && exit.local))
    return throughLoopback(snapshot, view, journey, link);
  if (isVrf(link)) return [moving(journey, { type: 'again', namespace: view.id, device: link.name })];
  const { expected } = journey;
  if (expected?.outsideDevice === link.name && expected.namespace === view.id)
    return transmit(snapshot, view, journey, link, { source: link.mac, destination: null, fresh: false });
  // arp_constructor(): without ARP a frame is addressed to the sender's own device.
  if (withoutNeighbours(link))
    return transmit(snapshot, view, journey, link, {
      source: link.mac,
      destination: link.mac,
      fresh: false,
    });
  const towards = exit.via ?? journey.packet.destination;
  if (exit.route?.type === 'broadcast') {
    const frame = { source: link.mac, destination: EVERYBODY, fresh: false };
    return transmit(snapshot, view, journey, link, frame);
  }
  return throughNeighbour(snapshot, view, journey, link, towards);
};

/** Devices on which nobody is asked for a hardware address (IFF_NOARP, tun). */
const withoutNeighbours = (link: Link): boolean =>
  link.mac === null || link.flags.includes('NOARP') || (link.kind.type === 'tun' && link.kind.mode === 'tun');

const throughNeighbour = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  towards: string,
): readonly Next[] => {
  const found = resolveNeighbour(snapshot, view, link, towards, journey);
  switch (found.type) {
    case 'resolved': {
      const { mac, meant = mac, fresh, path } = found;
      const cast = meant === mac ? null : castOf(mac);
      const known = cast === null ? found.journey : { ...found.journey, toMany: cast };
      const stepped = withDoubts(
        withSteps(known, {
          kind: 'neighbour',
          address: towards,
          dev: link.name,
          mac,
          by: found.by,
          ...(found.owner === undefined ? {} : { owner: found.owner }),
        }),
        found.doubts,
      );
      const group = cast === null ? {} : { group: mac };
      const frame = { source: link.mac, destination: meant, ...group, fresh, path };
      const tunnels = found.by === 'owner' ? found.path.filter(isTunnel) : [];
      if (tunnels.length === 0) return transmit(snapshot, view, stepped, link, frame);
      const place = { namespace: view.id, link: link.index, frame, tunnels, towards };
      return [moving(stepped, { type: 'discovery', ...place })];
    }
    case 'unresolved': {
      const nobody = withDoubts(
        withSteps(journey, {
          kind: 'neighbour',
          address: towards,
          dev: link.name,
          mac: null,
          by: 'nobody',
          ...(found.silence === null ? {} : { silence: found.silence }),
        }),
        found.doubts,
      );
      return [ended(nobody, 'neighbour-unresolved', unreachable(journey))];
    }
    case 'stopped': {
      const { fault } = found;
      if (!fault.through) return [unanswered(view, journey, link, towards, fault)];
      const frame = { source: link.mac, destination: null, fresh: false };
      const place = { namespace: view.id, link: link.index, frame, tunnels: fault.through, towards, fault };
      return [moving(journey, { type: 'discovery', ...place })];
    }
    case 'lost':
      return [unanswered(view, journey, link, towards, found.fault, found.mac)];
    case 'exits':
      return transmit(snapshot, view, journey, link, { source: link.mac, destination: null, fresh: false });
    case 'unknown':
      return [blocked(journey, found.reason, found.missing)];
  }
};

/** The request for the address is lost at a place that would lose the packet too: that place is the reason. `mac`: nobody is asked. */
export const unanswered = (
  view: View,
  journey: Journey,
  link: Link,
  address: string,
  fault: Fault,
  mac: string | null = null,
): Next => {
  const own = fault.namespace === view.id && transmitProblem(link) !== null;
  const nobody = withSteps(journey, {
    kind: 'neighbour',
    address,
    dev: link.name,
    mac,
    by: mac === null ? 'nobody' : 'table',
  });
  const place = {
    namespace: fault.namespace,
    packet: fault.packet ?? journey.packet,
    inDev: fault.inDev,
    outDev: null,
    steps: [fault.step],
  };
  // What becomes of a message is not said of the packet that waits for it.
  const here =
    fault.namespace === view.id &&
    fault.inDev === null &&
    fault.way === undefined &&
    fault.packet === undefined;
  const at: Journey = own
    ? withSteps(journey, fault.step)
    : here
      ? withSteps(nobody, fault.step)
      : { ...nobody, hops: [...nobody.hops, ...(fault.way ?? [place])] };
  const end = ended(at, fault.disposition, mac === null ? unreachable(journey) : {});
  // The error comes from who asked, not from where the request was lost.
  return end.type === 'ended' ? { ...end, ending: { ...end.ending, namespace: view.id } } : end;
};

/** loopback_xmit(), vrf_local_xmit(): the packet comes straight back in, its route and its connection still known. */
export const throughLoopback = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
): readonly Next[] => {
  if (!link.up) {
    const down = withSteps(journey, { kind: 'transmit', dev: link.name, problem: 'down' });
    return [ended(down, 'link-down')];
  }
  const looped = withSteps(
    journey,
    { kind: 'transmit', dev: link.name },
    { kind: 'receive', dev: link.name },
  );
  return atHook(view, looped, { hook: 'prerouting', inDev: link.name, outDev: null }, (after) =>
    receiveLocal(snapshot, view, after, link.name),
  );
};
