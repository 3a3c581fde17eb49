import { formatAddress, parseAddress } from '../../model/ip.ts';

/** addrconf_addr_solict_mult(): the group that the owner of an address listens to. */
export const solicitedNode = (target: string): string => {
  const group = parseAddress('ff02::1:ff00:0')?.value ?? 0n;
  return formatAddress({ family: 6, value: group | ((parseAddress(target)?.value ?? 0n) & 0xff_ffffn) });
};
