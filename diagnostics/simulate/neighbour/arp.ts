import type { NamespaceId } from '../../model/ids.ts';
import { familyOf } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { selectAddress, onSubnet, scopeNumber, ownerLink } from '../route/source-address.ts';
import { routeFromHere } from '../route/from-here.ts';
import { addressType } from '../route/route.ts';
import type { Step } from '../../model/trace.ts';
import { sourceFailure, validateRoute } from '../route/route-input.ts';
import { confEither, confMax, confOwn } from '../sysctl.ts';
import type { View } from '../view.ts';

/** Who asks for whom (struct arphdr, struct nd_msg): what a replier looks at. */
export interface NeighbourRequest {
  readonly namespace: NamespaceId;
  /** 0.0.0.0 where the asker has no address to speak with. */
  readonly sender: string;
  readonly target: string;
}

const LINK_SCOPE = 253;
const HOST_SCOPE = 254;

/** arp_solicit(): the address that an ARP request speaks with, for a packet from `source`. */
export function arpSender(view: View, dev: string, source: string, target: string): string {
  const local = addressType(view, source, undefined, dev) === 'local';
  const announce = confMax(view, dev, 'arp_announce');
  const link = view.links.find((other) => other.name === dev);
  const onLink =
    link?.addresses.some((own) => own.family === 4 && onSubnet(own, target) && onSubnet(own, source)) ??
    false;
  if (local && (announce === 0 || (announce === 1 && onLink))) return source;
  return selectAddress(view, dev, target, LINK_SCOPE) ?? '0.0.0.0';
}

/** arp_ignore(): whether the replier keeps silent about an address of its own. */
function ignores(view: View, link: Link, request: NeighbourRequest): boolean {
  const onDevice = link.addresses.find((own) => own.address === request.target);
  const scoped = (limit: number): boolean => {
    const owner = ownerLink(view, request.target)?.addresses.find((own) => own.address === request.target);
    return owner !== undefined && scopeNumber(owner.scope) <= limit;
  };
  switch (confMax(view, link.name, 'arp_ignore')) {
    case 1:
      return !onDevice || scopeNumber(onDevice.scope) > HOST_SCOPE;
    case 2:
      return !onDevice || (request.sender !== '0.0.0.0' && !onSubnet(onDevice, request.sender));
    case 3:
      return !scoped(LINK_SCOPE);
    case 8:
      return true;
    default:
      return false;
  }
}

/** arp_filter(): the reply would leave by another device. */
const filtered = (view: View, link: Link, request: NeighbourRequest): boolean => {
  const back = routeFromHere(view, {
    family: 4,
    destination: request.sender,
    source: request.target,
    within: link.name,
  });
  return !back?.found || back.hop.dev !== link.name;
};

/** What an interface says to a question for an address (arp_process(), ndisc_recv_ns()). */
export interface NeighbourAnswer {
  readonly answers: boolean;
  /** It has the address itself, rather than speaking for another (proxy). */
  readonly owns: boolean;
  /** Why it keeps silent although it has the address, or is set to speak for others: in words, and the check that refused where one did. */
  readonly silence: { readonly text: string; readonly step: Step | null } | null;
}

const SILENT: NeighbourAnswer = { answers: false, owns: false, silence: null };

/** arp_process() of net/ipv4/arp.c, for a request that a station hears on `link`. */
export function answersArp(view: View, link: Link, request: NeighbourRequest): NeighbourAnswer {
  if (familyOf(request.target) !== 4) return SILENT;
  if (request.target.startsWith('127.') && !confEither(view, link.name, 'route_localnet')) return SILENT;
  const owns = addressType(view, request.target, undefined, link.name) === 'local';
  const refuse = (text: string, step: Step | null = null): NeighbourAnswer => ({
    answers: false,
    owns,
    silence: owns ? { text, step } : null,
  });
  if (request.sender === '0.0.0.0')
    return owns && !ignores(view, link, request)
      ? { answers: true, owns, silence: null }
      : refuse(`${view.label} ignores ARP requests on ${link.name} (arp_ignore)`);
  const input = validateRoute(view, {
    source: request.sender,
    destination: request.target,
    dev: link.name,
    mark: 0,
  });
  if (input.type === 'martian')
    return refuse(
      `${view.label} does not accept the asker's address ${request.sender} on ${link.name} (${input.reason})`,
      sourceFailure(view, link.name, request.sender, input.reason),
    );
  if (input.type === 'local') {
    if (ignores(view, link, request))
      return refuse(`${view.label} ignores ARP requests on ${link.name} (arp_ignore)`);
    if (confEither(view, link.name, 'arp_filter') && filtered(view, link, request))
      return refuse(`${view.label} does not answer on ${link.name} (arp_filter)`);
    return { answers: true, owns: true, silence: null };
  }
  const { label } = view;
  const dev = link.name;
  // Only where it was set to speak for others is it worth a word that it does not.
  const unable = (why: string): NeighbourAnswer =>
    confEither(view, link.name, 'proxy_arp')
      ? { answers: false, owns: false, silence: { text: why, step: null } }
      : SILENT;
  if (confOwn(view, link.name, 'forwarding') === 0)
    return unable(
      `${label} speaks for others on ${dev} (proxy_arp) only where it forwards, and net/ipv4/conf/${link.name}/forwarding is 0`,
    );
  if (input.type !== 'forward' || input.result.route.type !== 'unicast')
    return unable(
      `${label} speaks for others on ${dev} (proxy_arp) only where it has a route to them, and it has none to ${request.target}`,
    );
  const elsewhere = input.result.hop.dev !== link.name;
  const proxied =
    (elsewhere && confEither(view, link.name, 'proxy_arp')) ||
    (elsewhere &&
      view.neighbours.some(
        (entry) => entry.proxy && entry.address === request.target && entry.dev === link.name,
      )) ||
    (!elsewhere && confEither(view, link.name, 'proxy_arp_pvlan'));
  return { answers: proxied, owns: false, silence: null };
}
