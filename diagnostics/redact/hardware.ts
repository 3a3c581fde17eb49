import { randomBytes } from 'node:crypto';
import ipaddr from 'ipaddr.js';

type Bytes = readonly number[];

/** New hardware addresses, and what the kernel makes of them in IPv6. */
export interface Hardware {
  /** By the old ones. What belongs to nobody or to everybody is not among them. */
  readonly macs: ReadonlyMap<string, string>;
  /**
   * An IPv6 address whose last half is made of a hardware address (RFC 4291, appendix A), or the group that its neighbours ask it
   * by (2.7.1), fitted to the new one; any other as it is.
   */
  fit(address: Bytes): Bytes;
}

const MAC = /(?:[\da-f]{2}:){5}[\da-f]{2}/gi;
const IPV6 = /[\da-f]*:[\da-f:]*:[\da-f.:]*/gi;
const NOBODYS_OR_A_GROUP = /^(?:00:00:00:00:00:00|.[13579bdf]:)/;
/** What carries packets to the group of an address (RFC 2464, 7). */
const SOLICITED_FRAME = '33:33:ff:';
const SOLICITED_NODE = 'ff02::1:ff00:0/104';

const hex = (bytes: Bytes): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
const bytesOf = (mac: string): Bytes => mac.split(':').map((byte) => parseInt(byte, 16));

/** The hardware address in the last half of an IPv6 address; null where there is none. */
function hardwareIn(address: Bytes): string | null {
  const [first = 0, ...id] = address.slice(8);
  if (address[0] === 0 || address[0] === 0xff || id[2] !== 0xff || id[3] !== 0xfe || first % 2 === 1)
    return null;
  return hex([first ^ 2, ...id.slice(0, 2), ...id.slice(4)]);
}

const isSolicitedNode = (address: Bytes): boolean =>
  address.length === 16 &&
  ipaddr.fromByteArray([...address]).match(ipaddr.parseCIDR(SOLICITED_NODE) as [ipaddr.IPv6, number]);

/** @param whole everything that will be shown */
export function renewHardware(whole: string): Hardware {
  const macs = new Map<string, string>();
  // A group is told by 24 bits alone, so that these are renewed by themselves, but for those of addresses that stay.
  const tails = new Map<string, string>();
  for (const [text] of whole.matchAll(IPV6)) {
    const address = ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toByteArray() : null;
    if (!address || address[0] === 0xff || hardwareIn(address) !== null) continue;
    const tail = hex(address.slice(13));
    tails.set(tail, tail);
  }
  const used = new Set<string>(tails.values());
  const draw = (count: number, head: string, behind = ''): string => {
    for (;;) {
      const drawn = `${head}${hex([...randomBytes(count)])}${behind}`;
      if (used.has(drawn)) continue;
      used.add(drawn);
      return drawn;
    }
  };
  const among = (known: Map<string, string>, before: string, make: () => string): string => {
    const now = known.get(before) ?? make();
    known.set(before, now);
    return now;
  };
  const tailOf = (before: string): string => among(tails, before, () => draw(3, ''));
  /** Locally administered ones. */
  const macOf = (before: string): string =>
    among(macs, before, () => draw(2, '02:', `:${tailOf(before.slice(9))}`));
  for (const [found] of whole.matchAll(MAC)) {
    const mac = found.toLowerCase();
    if (mac.startsWith(SOLICITED_FRAME)) macs.set(mac, `${SOLICITED_FRAME}${tailOf(mac.slice(9))}`);
    else if (!NOBODYS_OR_A_GROUP.test(mac)) macOf(mac);
  }
  return {
    macs,
    fit(address) {
      if (isSolicitedNode(address))
        return [...address.slice(0, 13), ...bytesOf(tailOf(hex(address.slice(13))))];
      const mac = address.length === 16 ? hardwareIn(address) : null;
      if (mac === null) return address;
      const [first = 0, ...now] = bytesOf(macOf(mac));
      return [...address.slice(0, 8), first ^ 2, ...now.slice(0, 2), 0xff, 0xfe, ...now.slice(2)];
    },
  };
}
