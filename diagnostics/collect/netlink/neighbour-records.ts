import { attributesIn, type NetlinkMessage } from '../../host/native/netlink-message.ts';
import { optional, type JsonObject } from '../../host/external-json.ts';
import { addressText, flagWords, hardwareText, NotUnderstood, port, u16, u32, valueOf } from './bytes.ts';
import { AF_INET, AF_INET6 } from './families.ts';
import type { InterfaceTable } from './interface-table.ts';

/** ndmsg of rtnetlink(7). */
const NEIGHBOUR_BYTES = 12;

const NDA = { DST: 1, LLADDR: 2, VLAN: 5, PORT: 6, VNI: 7, IFINDEX: 8, MASTER: 9, LINK_NETNSID: 10 };

const NUD_NOARP = 0x40;
const NUD_PERMANENT = 0x80;

const STATES: readonly (readonly [string, number])[] = [
  ['INCOMPLETE', 0x1],
  ['REACHABLE', 0x2],
  ['STALE', 0x4],
  ['DELAY', 0x8],
  ['PROBE', 0x10],
  ['FAILED', 0x20],
  ['NOARP', NUD_NOARP],
  ['PERMANENT', NUD_PERMANENT],
];

/** What `ip -j neigh show nud all` prints, or with `proxies` what `… proxy` does. */
export function neighbourRecords(
  messages: readonly NetlinkMessage[],
  proxies: boolean,
  interfaces: InterfaceTable,
): JsonObject[] {
  return messages.map(({ body }) => {
    const family = body.readUInt8(0);
    if (family !== AF_INET && family !== AF_INET6) throw new NotUnderstood('family', family);
    const attributes = attributesIn(body, NEIGHBOUR_BYTES);
    const index = body.readInt32LE(4);
    return {
      ...optional('dst', valueOf(attributes, NDA.DST, addressText)),
      ...(index === 0 ? {} : { dev: interfaces.nameOf(index) }),
      ...optional('lladdr', hardwareAddress(attributes.get(NDA.LLADDR), index, interfaces)),
      ...(proxies ? { proxy: null } : {}),
      state: flagWords(STATES, body.readUInt16LE(8)),
    };
  });
}

/** A tun interface has none: its attribute is there, and empty. */
const hardwareAddress = (
  bytes: Buffer | undefined,
  index: number,
  interfaces: InterfaceTable,
): string | undefined =>
  bytes && bytes.length > 0 ? hardwareText(bytes, interfaces.get(index)?.linkType ?? 1) : undefined;

/** What `bridge -j fdb show` prints, as far as parseFdb() reads it. */
export function fdbRecords(messages: readonly NetlinkMessage[], interfaces: InterfaceTable): JsonObject[] {
  return messages.map(({ body }) => {
    const attributes = attributesIn(body, NEIGHBOUR_BYTES);
    const index = body.readInt32LE(4);
    const nameOf = (type: number): string | undefined =>
      valueOf(attributes, type, (bytes) => interfaces.nameOf(u32(bytes)));
    return {
      ...optional('mac', hardwareAddress(attributes.get(NDA.LLADDR), index, interfaces)),
      ...(index === 0 ? {} : { ifname: interfaces.nameOf(index) }),
      ...optional('dst', valueOf(attributes, NDA.DST, addressText)),
      ...optional('vlan', valueOf(attributes, NDA.VLAN, u16)),
      ...optional('port', valueOf(attributes, NDA.PORT, port)),
      ...optional('vni', valueOf(attributes, NDA.VNI, u32)),
      ...(attributes.has(NDA.LINK_NETNSID)
        ? optional('viaIfIndex', valueOf(attributes, NDA.IFINDEX, u32))
        : optional('viaIf', nameOf(NDA.IFINDEX))),
      ...optional('master', nameOf(NDA.MASTER)),
      ...optional('state', fdbState(body.readUInt16LE(8))),
    };
  });
}

const fdbState = (state: number): string | undefined =>
  (state & NUD_PERMANENT) !== 0 ? 'permanent' : (state & NUD_NOARP) !== 0 ? 'static' : undefined;
