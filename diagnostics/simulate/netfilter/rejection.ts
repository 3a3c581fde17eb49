import type { Packet } from '../../model/packet.ts';
import type { Hook } from '../../model/ruleset.ts';
import { addressType } from '../route/route.ts';
import { bridgePortOf } from '../link/bridge-calls.ts';
import { linkByName, type View } from '../view.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import type { Answer, Journey, OutputRequest } from '../journey.ts';
import type { HookPlace } from './hook-place.ts';

const HOST_UNREACHABLE_CODES: Readonly<Record<string, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
};

const UNREACHABLE_CODES_6: Readonly<Record<string, number>> = {
  'icmp6-no-route': 0,
  'icmp6-adm-prohibited': 1,
  'icmp6-addr-unreachable': 3,
  'icmp6-port-unreachable': 4,
  'icmp6-policy-fail': 5,
  'icmp6-reject-route': 6,
};

/** What a REJECT rule sends back (nf_reject_ipv4.c and nf_reject_ipv6.c of net/…/netfilter). */
export const rejection = (
  view: View,
  place: HookPlace,
  journey: Journey,
  word: string | undefined,
): Answer => {
  const { packet } = journey;
  if (word === 'tcp-reset') return { kind: 'reset', ...pastRules(view, place, journey) };
  const { hook } = place;
  const { family } = packet;
  const codes = family === 4 ? HOST_UNREACHABLE_CODES : UNREACHABLE_CODES_6;
  const { type, code } = ICMP[family].portUnreachable;
  return { kind: 'icmp', type, code: codes[word ?? ''] ?? code, speaks: speakerAt(view, hook, packet) };
};

/**
 * nf_send_reset(): the answer to what came by a port of a bridge, while br_netfilter looks on, goes straight back by that port, with
 * the hardware addresses exchanged.
 */
function pastRules(view: View, place: HookPlace, journey: Journey): Pick<OutputRequest, 'straight'> {
  const port = place.physicalIn ?? (place.layer ? null : bridgePortOf(view, journey));
  const link = port === null ? undefined : linkByName(view, port);
  const { source = null, destination = null } = place.frame ?? journey.ether ?? {};
  return link
    ? { straight: { link: link.index, frame: { source: destination, destination: source, fresh: false } } }
    : {};
}

/**
 * icmp_send() speaks from the address that was asked where the packet was routed to this machine itself, icmp6_send() wherever that
 * address is its own. What IPv4 rejects in PREROUTING has no route but the one back (nf_reject_fill_skb_dst()).
 */
const speakerAt = (view: View, hook: Hook, { family, destination }: Packet): 'destination' | 'router' =>
  hook === 'input' || ((family === 6 || hook !== 'prerouting') && addressType(view, destination) === 'local')
    ? 'destination'
    : 'router';
