import { parseAddress } from '../../model/ip.ts';

/** To everybody, as ARP asks; or to a group, as neighbour discovery of IPv6 does: bridges treat them each in its own way. */
export type Cast = 'broadcast' | 'multicast';

/** The hardware address of broadcasts. */
export const EVERYBODY = 'ff:ff:ff:ff:ff:ff';

/** Whether a hardware address is everybody's or a group's (IEEE 802: the lowest bit of the first octet); null: one machine's. */
export const castOf = (mac: string): Cast | null => {
  if (mac === EVERYBODY) return 'broadcast';
  return (parseInt(mac.slice(0, 2), 16) & 1) === 1 ? 'multicast' : null;
};

/** The hardware address at which an IPv6 address is asked for (RFC 2464, 7; RFC 4291, 2.7.1). */
export const solicitedMac = (address: string): string => {
  const low = ((parseAddress(address)?.value ?? 0n) & 0xff_ffffn).toString(16).padStart(6, '0');
  return ['33:33:ff', low.slice(0, 2), low.slice(2, 4), low.slice(4)].join(':');
};
