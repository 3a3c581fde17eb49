import { sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { ipv6Off } from '../ip/ipv6-off.ts';
import type { NeighbourAnswer, NeighbourRequest } from './arp.ts';
import { addressType } from '../route/route.ts';
import { addressesOf } from '../route/source-address.ts';
import { isLinkLocal, isUsable } from '../route/source-selection.ts';
import { confKey6, confOwn6 } from '../sysctl.ts';
import type { View } from '../view.ts';

/**
 * ndisc_solicit(): the address that a neighbour solicitation speaks with: the packet's own where the device has it, else
 * the device's link-local one. null: there is none, and nobody is asked.
 */
export function solicitationSender(link: Link, source: string): string | null {
  const own = addressesOf(link, 6).filter(isUsable);
  const chosen =
    own.find(({ address }) => sameAddress(address, source)) ??
    own.find(({ address }) => isLinkLocal(address));
  return chosen?.address ?? null;
}

const SILENT: NeighbourAnswer = { answers: false, owns: false, silence: null };

/**
 * ndisc_recv_ns() of net/ipv6/ndisc.c, for a solicitation that a station hears on `link`: unlike ARP, only the device that
 * has the address answers for it.
 */
export function answersSolicitation(view: View, link: Link, { target }: NeighbourRequest): NeighbourAnswer {
  const refuse = (text: string): NeighbourAnswer => ({
    answers: false,
    owns: true,
    silence: { text, step: null },
  });
  const off = ipv6Off(view.sysctls, link);
  if (off === 'mtu')
    return refuse(`IPv6 does not work on ${link.name} of ${view.label}: its MTU is ${link.mtu}`);
  if (off === 'setting')
    return refuse(
      `IPv6 is switched off on ${link.name} of ${view.label} (${confKey6(link.name, 'disable_ipv6')})`,
    );
  const own = addressesOf(link, 6).find(({ address }) => sameAddress(address, target));
  if (own && isUsable(own)) return { answers: true, owns: true, silence: null };
  if (own)
    return refuse(
      own.flags.includes('dadfailed')
        ? `${view.label} does not use ${target}: somebody else had it first (duplicate address detection)`
        : `${view.label} does not use ${target} yet (duplicate address detection)`,
    );
  const other = view.links.find((one) =>
    one.addresses.some(({ address, family }) => family === 6 && sameAddress(address, target)),
  );
  if (other) return refuse(`${view.label} has ${target} on ${other.name}, and answers for it only there`);
  // A router is the anycast address of each of its networks too.
  if (addressType(view, target, link.name) === 'anycast') return { answers: true, owns: true, silence: null };
  return proxies(view, link, target) ? { answers: true, owns: false, silence: null } : SILENT;
}

/** pndisc_is_router(): an entry for the very address, where the device is a router's and may speak for others. */
const proxies = (view: View, link: Link, target: string): boolean =>
  confOwn6(view, link.name, 'forwarding') !== 0 &&
  (confOwn6(view, 'all', 'proxy_ndp') !== 0 || confOwn6(view, link.name, 'proxy_ndp') !== 0) &&
  view.neighbours.some(
    (entry) => entry.proxy && entry.dev === link.name && sameAddress(entry.address, target),
  );
