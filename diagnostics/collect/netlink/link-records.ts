import { attributesIn, textOf, type Attributes } from '../../host/native/netlink-message.ts';
import { optional, type JsonObject } from '../../host/external-json.ts';
import { flagWords, hardwareText, s32, u32, u8, valueOf } from './bytes.ts';
import type { InterfaceMessage, InterfaceTable } from './interface-table.ts';
import type { IprouteNames } from './iproute-names.ts';
import { linkData, portData } from './link-data.ts';

/** Attributes of a link, IFLA_* of include/uapi/linux/if_link.h. */
const IFLA = {
  ADDRESS: 1,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  GROUP: 27,
  PROMISCUITY: 30,
  LINK_NETNSID: 37,
  XDP: 43,
};
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_INFO_SLAVE_KIND = 4;
const IFLA_INFO_SLAVE_DATA = 5;
const IFLA_XDP_ATTACHED = 2;

const ARPHRD_LOOPBACK = 772;

const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;

/** In the order of print_link_flags() of iproute2's ip/ipaddress.c. */
const FLAGS: readonly (readonly [string, number])[] = [
  ['LOOPBACK', 0x8],
  ['BROADCAST', 0x2],
  ['POINTOPOINT', 0x10],
  ['MULTICAST', 0x1000],
  ['NOARP', 0x80],
  ['ALLMULTI', 0x200],
  ['PROMISC', 0x100],
  ['MASTER', 0x400],
  ['SLAVE', 0x800],
  ['DEBUG', 0x4],
  ['DYNAMIC', 0x8000],
  ['AUTOMEDIA', 0x4000],
  ['PORTSEL', 0x2000],
  ['NOTRAILERS', 0x20],
  ['UP', IFF_UP],
  ['LOWER_UP', 0x10000],
  ['DORMANT', 0x20000],
  ['ECHO', 0x40000],
];

/** What `ip -d -j address show` prints, as far as parseLinks() reads it. */
export function linkRecords(
  interfaces: InterfaceTable,
  addresses: ReadonlyMap<number, readonly JsonObject[]>,
  names: IprouteNames,
): JsonObject[] {
  return interfaces.all.map((one) => ({
    ...linkRecord(one, interfaces, names),
    addr_info: addresses.get(one.index) ?? [],
  }));
}

function linkRecord(one: InterfaceMessage, interfaces: InterfaceTable, names: IprouteNames): JsonObject {
  const { attributes } = one;
  const master = valueOf(attributes, IFLA.MASTER, u32);
  const group = valueOf(attributes, IFLA.GROUP, u32);
  return {
    ifindex: one.index,
    ifname: one.name,
    flags: flagsOf(one, interfaces),
    ...optional('mtu', valueOf(attributes, IFLA.MTU, u32)),
    ...optional('master', master === undefined ? undefined : interfaces.nameOf(master)),
    ...optional('group', group === undefined ? undefined : names.group(group)),
    link_type: one.linkType === ARPHRD_LOOPBACK ? 'loopback' : `[${one.linkType}]`,
    ...optional(
      'address',
      valueOf(attributes, IFLA.ADDRESS, (bytes) => hardwareText(bytes, one.linkType)),
    ),
    ...optional('promiscuity', valueOf(attributes, IFLA.PROMISCUITY, u32)),
    ...otherEnd(attributes, interfaces),
    ...optional('xdp', xdpOf(attributes)),
    ...optional('linkinfo', linkInfo(attributes, interfaces)),
  };
}

/** Which interface of the same namespace it stands on. */
function lowerHere(attributes: Attributes): number | undefined {
  const link = valueOf(attributes, IFLA.LINK, u32);
  return link !== undefined && link !== 0 && !attributes.has(IFLA.LINK_NETNSID) ? link : undefined;
}

function flagsOf({ flags, attributes }: InterfaceMessage, interfaces: InterfaceTable): readonly string[] {
  const lower = lowerHere(attributes);
  const below = lower === undefined ? undefined : interfaces.get(lower);
  return [
    ...((flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0 ? ['NO-CARRIER'] : []),
    ...flagWords(FLAGS, flags),
    ...(below && (below.flags & IFF_UP) === 0 ? ['M-DOWN'] : []),
  ];
}

function otherEnd(attributes: Attributes, interfaces: InterfaceTable): JsonObject {
  const link = valueOf(attributes, IFLA.LINK, u32);
  const lower = lowerHere(attributes);
  const number = valueOf(attributes, IFLA.LINK_NETNSID, s32);
  return {
    ...(lower === undefined ? {} : { link: interfaces.nameOf(lower) }),
    ...(link !== undefined && link !== 0 && number !== undefined ? { link_index: link } : {}),
    ...(number === undefined ? {} : { link_netnsid: number < 0 ? 'unknown' : number }),
  };
}

function xdpOf(attributes: Attributes): JsonObject | undefined {
  const attached = valueOf(attributes, IFLA.XDP, (bytes) =>
    valueOf(attributesIn(bytes), IFLA_XDP_ATTACHED, u8),
  );
  return attached === undefined || attached === 0 ? undefined : { mode: attached };
}

function linkInfo(attributes: Attributes, interfaces: InterfaceTable): JsonObject | undefined {
  const info = valueOf(attributes, IFLA.LINKINFO, attributesIn);
  if (info === undefined) return undefined;
  const kind = valueOf(info, IFLA_INFO_KIND, textOf);
  const slave = valueOf(info, IFLA_INFO_SLAVE_KIND, textOf);
  const elsewhere = attributes.has(IFLA.LINK_NETNSID);
  const data = info.get(IFLA_INFO_DATA);
  const own = info.get(IFLA_INFO_SLAVE_DATA);
  return {
    ...optional('info_kind', kind),
    ...optional(
      'info_data',
      kind === undefined
        ? undefined
        : linkData(kind, data && attributesIn(data), (index) =>
            elsewhere ? `if${index}` : interfaces.nameOf(index),
          ),
    ),
    ...optional('info_slave_kind', slave),
    ...optional(
      'info_slave_data',
      slave === undefined ? undefined : portData(slave, own && attributesIn(own)),
    ),
  };
}

/** The namespaces that interfaces of these records lead to, by their numbers here. */
export const farNumbers = (records: readonly JsonObject[]): ReadonlySet<number> =>
  new Set(
    records.map((record) => record['link_netnsid']).filter((it): it is number => typeof it === 'number'),
  );
