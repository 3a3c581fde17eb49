import { familyOf } from '../model/ip.ts';
import { solicitationSender } from '../simulate/neighbour/nd.ts';
import type { Remedy } from './finding.ts';
import type { Unanswered } from './unanswered.ts';

/**
 * What lets an asker speak that has no address to ask its neighbours with (ndisc_solicit()): the link-local one that the kernel
 * itself would have given the interface.
 */
export function speechlessRemedies(
  { namespace, address, link }: Unanswered,
  source: string,
): readonly Remedy[] {
  if (familyOf(address) !== 6 || link.mac === null || solicitationSender(link, source) !== null) return [];
  const own = linkLocalOf(link.mac);
  return [{ actions: [{ kind: 'add-address', namespace, dev: link.name, address: own, length: 64 }] }];
}

/** addrconf_ifid_eui48(): the hardware address with ff:fe in its middle, and the bit for “local” the other way round (RFC 4291, 2.5.1). */
function linkLocalOf(mac: string): string {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const [first = 0, ...rest] = bytes;
  const all = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const groups = [0, 2, 4, 6].map((at) => (((all[at] ?? 0) << 8) | (all[at + 1] ?? 0)).toString(16));
  return `fe80::${groups.join(':')}`;
}
