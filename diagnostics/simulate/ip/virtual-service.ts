import { addressAndPort, sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { VirtualService } from '../../model/virtual-service.ts';
import { blocked, type Journey, type Next } from '../journey.ts';
import type { View } from '../view.ts';

/**
 * ip_vs_in_hook() of net/netfilter/ipvs/ip_vs_core.c: what is for this machine and for a service of IPVS's goes to one of its
 * servers instead. Which one, and its answer, are not followed.
 */
export function atVirtualService(
  view: View,
  journey: Journey,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] {
  const service = view.virtualServices.find((one) => means(one, journey.packet));
  if (!service || journey.expected) return then(journey);
  const servers = service.servers.filter(({ weight }) => weight > 0);
  const text =
    servers.length === 0
      ? `IPVS in ${view.label} has no server for ${nameOf(service)}: ipvsadm -Ln shows it`
      : `IPVS in ${view.label} hands what is for ${nameOf(service)} on to ${servers.map(({ address, port }) => addressAndPort(address, port)).join(', ')}, which is not followed: ask for these themselves`;
  return [blocked(journey, text, [])];
}

const nameOf = ({ address, port, mark, protocol }: VirtualService): string =>
  address === undefined ? `mark ${mark ?? 0}` : `${protocol} ${addressAndPort(address, port ?? 0)}`;

const means = ({ protocol, address, port, mark }: VirtualService, packet: Packet): boolean =>
  protocol === 'mark'
    ? mark === packet.mark
    : protocol === packet.protocol &&
      address !== undefined &&
      sameAddress(address, packet.destination) &&
      // A service of port 0 takes all ports.
      (port === 0 || port === packet.destinationPort);
