import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { atHook } from '../netfilter/hooks.ts';
import { transmitProblem } from '../link/wires.ts';
import { blocked, ended, withSteps, type Journey, type Next } from '../journey.ts';
import { isVrf } from '../route/vrf.ts';
import { routeOutput } from '../route/route-output.ts';
import { linkByName, type View } from '../view.ts';
import { protocolNumber } from './packets.ts';
import { routeStep, routingEnd, severalOf } from './routed.ts';
import { sendOut, throughLoopback } from './send.ts';

/**
 * A packet that another device gave here is routed once more, and goes through OUTPUT of the device that it leaves by: in a VRF that a
 * route leads to (vrf_process_v4_outbound(), vrf_process_v6_outbound() of drivers/net/vrf.c), or below an ipvlan interface of the modes
 * L3 and L3S (ipvlan_process_outbound() of drivers/net/ipvlan). Where there is no route it is lost in silence.
 */
export function sendAgain(snapshot: Snapshot, view: View, journey: Journey, device: string): readonly Next[] {
  const link = linkByName(view, device);
  if (!link) return [blocked(journey, `the device ${device} of ${view.label} was not found`, [])];
  return isVrf(link)
    ? intoVrf(snapshot, view, journey, link)
    : again(snapshot, view, journey, link, journey.packet.mark);
}

const intoVrf = (snapshot: Snapshot, view: View, journey: Journey, vrf: Link): readonly Next[] => {
  const problem = transmitProblem(vrf);
  const sent = withSteps(journey, { kind: 'transmit', dev: vrf.name, ...(problem ? { problem } : {}) });
  if (problem) return [ended(sent, 'link-down')];
  return again(snapshot, view, sent, vrf, journey.packet.family === 6 ? journey.packet.mark : 0);
};

const again = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { name }: Link,
  mark: number,
): readonly Next[] => {
  const { packet } = journey;
  const routes = routeOutput(view, {
    destination: packet.destination,
    source: packet.source,
    device: name,
    mark,
    protocol: protocolNumber(packet.protocol, packet.family),
    sourcePort: 0,
    destinationPort: 0,
    user: 0,
    anySource: true,
  });
  return routes.flatMap((found) => {
    const stepped = routeStep(
      journey,
      'reroute',
      found,
      severalOf(snapshot, view, journey, 'output', routes.length),
    );
    if (!found.ok) return [ended(stepped, routingEnd(found.error))];
    const out = linkByName(view, found.dev);
    if (out && isVrf(out) && out.name === name)
      return found.local
        ? throughLoopback(snapshot, view, stepped, out)
        : [blocked(stepped, `a route of ${view.label} leads back into the VRF ${name} that holds it`, [])];
    return atHook(view, stepped, { hook: 'output', inDev: null, outDev: found.dev }, (after) =>
      sendOut(snapshot, view, after, {
        dev: found.dev,
        via: found.via,
        local: found.local,
        route: found.route,
        forwarded: true,
        inDev: name,
      }),
    );
  });
};
