import { familyOf, parseAddress, prefixContains, sameAddress } from '../../model/ip.ts';
import type { Address, Link } from '../../model/link.ts';
import { addressesOf } from './source-address.ts';
import { vrfOf } from './vrf.ts';
import { sysctlNumber } from '../sysctl.ts';
import { linkByName, type View } from '../view.ts';

/** IPV6_ADDR_SCOPE_*: how far an address may go. */
const LINK_SCOPE = 2;
const SITE_SCOPE = 5;
const GLOBAL_SCOPE = 14;

const LINK_LOCAL = { address: 'fe80::', length: 10 };
const SITE_LOCAL = { address: 'fec0::', length: 10 };
const MULTICAST = { address: 'ff00::', length: 8 };

/** fe80::/10 (RFC 4291, 2.5.6). */
export const isLinkLocal = (address: string): boolean => prefixContains(LINK_LOCAL, address);
/** ff00::/8 (RFC 4291, 2.7). */
export const isMulticast6 = (address: string): boolean => prefixContains(MULTICAST, address);
export const isLoopback6 = (address: string): boolean => sameAddress(address, '::1');

/** ipv6_addr_src_scope(). */
export function addressScope(address: string): number {
  if (isLinkLocal(address) || isLoopback6(address)) return LINK_SCOPE;
  if (prefixContains(SITE_LOCAL, address)) return SITE_SCOPE;
  const value = parseAddress(address)?.value ?? 0n;
  return isMulticast6(address) ? Number((value >> 112n) & 0xfn) : GLOBAL_SCOPE;
}

/** Not while duplicate address detection runs, and not after it failed. */
export const isUsable = ({ flags }: Address): boolean =>
  (!flags.includes('tentative') && !flags.includes('dadfailed')) || flags.includes('optimistic');

/** ip6addrlbl_init_table[] of net/ipv6/addrlabel.c, the longest first. */
const LABELS: readonly (readonly [address: string, length: number, label: number])[] = [
  ['::1', 128, 0],
  ['::ffff:0:0', 96, 4],
  ['::', 96, 3],
  ['2001::', 32, 6],
  ['2001:10::', 28, 7],
  ['2002::', 16, 2],
  ['fc00::', 7, 5],
];

const labelOf = (address: string): number =>
  LABELS.find(([prefix, length]) => prefixContains({ address: prefix, length }, address))?.[2] ?? 1;

/** ipv6_addr_diff(): how many leading bits two addresses share. */
export const sharedBits = (one: string, other: string): number => {
  const difference = (parseAddress(one)?.value ?? 0n) ^ (parseAddress(other)?.value ?? 0n);
  return difference === 0n ? 128 : 128 - difference.toString(2).length;
};

const truth = (value: boolean): number => (value ? 1 : 0);

/** ipv6_get_saddr_eval(): the rules of RFC 6724, each as a number of which more is better. */
const merits = (
  view: View,
  out: Link | null,
  { link, own }: Candidate,
  destination: string,
): readonly number[] => {
  const scope = addressScope(own.address);
  const temporary = sysctlNumber(view, `net/ipv6/conf/${link.name}/use_tempaddr`, 0) >= 2;
  return [
    truth(sameAddress(own.address, destination)),
    scope >= addressScope(destination) ? -scope : scope - 128,
    truth(!own.flags.includes('deprecated') && !own.flags.includes('optimistic')),
    truth(link.index === out?.index),
    truth(labelOf(own.address) === labelOf(destination)),
    truth(own.flags.includes('temporary') === temporary),
    Math.min(sharedBits(own.address, destination), own.length),
  ];
};

interface Candidate {
  readonly link: Link;
  readonly own: Address;
}

/** Positive where `a` is better; the first of equals is kept. */
const compare = (a: readonly number[], b: readonly number[]): number => {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
};

/** ipv6_dev_get_saddr() of net/ipv6/addrconf.c: the address that is spoken with to a destination by a device; by none where no route says which. */
export function selectSource(view: View, dev: string | null, destination: string): string | null {
  const out = dev === null ? null : linkByName(view, dev);
  if (out === undefined || familyOf(destination) !== 6) return null;
  const near = addressScope(destination) <= LINK_SCOPE;
  const vrf = vrfOf(view, dev);
  // "Only consider addresses on devices in the same L3 domain."
  const domain = view.links.filter(({ name }) => vrfOf(view, name) === vrf);
  const links = near ? (out === null ? [] : [out]) : domain;
  const candidates = links.flatMap((link) =>
    addressesOf(link, 6)
      .filter(isUsable)
      .map((own): Candidate => ({ link, own })),
  );
  let best: { readonly address: string; readonly merits: readonly number[] } | null = null;
  for (const candidate of candidates) {
    const own = merits(view, out, candidate, destination);
    if (!best || compare(own, best.merits) > 0) best = { address: candidate.own.address, merits: own };
  }
  return best?.address ?? null;
}
