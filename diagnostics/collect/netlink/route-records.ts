import { attributesIn, type Attributes, type NetlinkMessage } from '../../host/native/netlink-message.ts';
import { optional, type JsonObject } from '../../host/external-json.ts';
import { addressText, flagWords, NotUnderstood, u32, u8, valueOf } from './bytes.ts';
import { AF_INET, AF_INET6 } from './families.ts';
import type { InterfaceTable } from './interface-table.ts';
import type { IprouteNames } from './iproute-names.ts';
import { metricsRecord } from './route-metrics.ts';

/** rtmsg and rtnexthop of rtnetlink(7). */
const ROUTE_BYTES = 12;
const NEXTHOP_BYTES = 8;

/** RTA_* of include/uapi/linux/rtnetlink.h. */
const RTA = {
  DST: 1,
  SRC: 2,
  IIF: 3,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  METRICS: 8,
  MULTIPATH: 9,
  FLOW: 11,
  CACHEINFO: 12,
  TABLE: 15,
  VIA: 18,
  PREF: 20,
  EXPIRES: 23,
  PAD: 24,
  TTL_PROPAGATE: 26,
  NH_ID: 30,
};
/** What else a route may have does something with packets: an encapsulation, another destination. */
const UNDERSTOOD: ReadonlySet<number> = new Set(Object.values(RTA));

const RTM_F_CLONED = 0x200;

/** In the order of print_rt_flags() of iproute2's ip/iproute.c: RTNH_F_* and RTM_F_*. */
const FLAGS: readonly (readonly [string, number])[] = [
  ['dead', 0x1],
  ['onlink', 0x4],
  ['pervasive', 0x2],
  ['offload', 0x8],
  ['trap', 0x40],
  ['notify', 0x100],
  ['linkdown', 0x10],
  ['unresolved', 0x20],
  ['rt_offload', 0x4000],
  ['rt_trap', 0x8000],
  ['rt_offload_failed', 0x20000000],
];

/** rtnl_rtntype_n2a() of iproute2's ip/rtm_map.c. */
export const ROUTE_TYPES = [
  ...['none', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable'],
  ...['prohibit', 'throw', 'nat', 'xresolve'],
];

const PREFERENCES: Readonly<Partial<Record<number, string>>> = { 0: 'medium', 1: 'high', 3: 'low' };

/** What `ip -d -j route show table all` prints, or with `learnt` what `… cache` does. */
export function routeRecords(
  messages: readonly NetlinkMessage[],
  learnt: boolean,
  interfaces: InterfaceTable,
  names: IprouteNames,
): JsonObject[] {
  return messages
    .filter(({ body }) => ((body.readUInt32LE(8) & RTM_F_CLONED) !== 0) === learnt)
    .map(({ body }) => routeRecord(body, learnt, interfaces, names));
}

function routeRecord(
  body: Buffer,
  learnt: boolean,
  interfaces: InterfaceTable,
  names: IprouteNames,
): JsonObject {
  const family = body.readUInt8(0);
  if (family !== AF_INET && family !== AF_INET6) throw new NotUnderstood('family', family);
  const attributes = attributesIn(body, ROUTE_BYTES);
  onlyUnderstood(attributes);
  const type = ROUTE_TYPES[body.readUInt8(7)];
  if (type === undefined) throw new NotUnderstood('type', body.readUInt8(7));
  const bits = family === AF_INET ? 32 : 128;
  const [length, fromLength, tos] = [body.readUInt8(1), body.readUInt8(2), body.readUInt8(3)];
  const preference = valueOf(attributes, RTA.PREF, u8);
  const metrics = valueOf(attributes, RTA.METRICS, (bytes) => metricsRecord(attributesIn(bytes)));
  const several = attributes.get(RTA.MULTIPATH);
  return {
    type,
    dst: prefixText(attributes.get(RTA.DST), length, bits) ?? 'default',
    ...optional('from', prefixText(attributes.get(RTA.SRC), fromLength, bits)),
    ...(tos === 0 ? {} : { tos: names.tos(tos) }),
    ...optional('nhid', valueOf(attributes, RTA.NH_ID, u32)),
    ...gatewayRecord(attributes),
    ...optional(
      'dev',
      valueOf(attributes, RTA.OIF, (bytes) => interfaces.nameOf(u32(bytes))),
    ),
    table: names.table(valueOf(attributes, RTA.TABLE, u32) ?? body.readUInt8(4)),
    ...(learnt ? {} : { protocol: names.protocol(body.readUInt8(5)), scope: names.scope(body.readUInt8(6)) }),
    ...optional('prefsrc', valueOf(attributes, RTA.PREFSRC, addressText)),
    ...optional('metric', valueOf(attributes, RTA.PRIORITY, u32)),
    flags: flagWords(FLAGS, body.readUInt32LE(8)),
    ...flowRecord(attributes),
    ...(metrics === undefined ? {} : { metrics: [metrics] }),
    ...(learnt ? {} : optional('expires', expiry(attributes))),
    ...(several === undefined ? {} : { nexthops: nextHopRecords(several, interfaces) }),
    ...optional(
      'pref',
      preference === undefined ? undefined : (PREFERENCES[preference] ?? String(preference)),
    ),
  };
}

/** rta_expires of struct rta_cacheinfo, in hundredths of a second; absent: never. */
function expiry(attributes: Attributes): number | undefined {
  const EXPIRES = 8;
  const hundredths = valueOf(attributes, RTA.CACHEINFO, (bytes) => bytes.readInt32LE(EXPIRES));
  return hundredths === undefined || hundredths === 0 ? undefined : (hundredths / 100) | 0;
}

/** Realms: the source's above the destination's (print_rta_flow() of iproute2's ip/iproute.c). */
function flowRecord(attributes: Attributes): JsonObject {
  const realms = valueOf(attributes, RTA.FLOW, u32);
  if (realms === undefined) return {};
  const from = realms >>> 16;
  return { flow: { ...(from === 0 ? {} : { from: String(from) }), to: String(realms & 0xffff) } };
}

function onlyUnderstood(attributes: Attributes): void {
  for (const type of attributes.keys()) if (!UNDERSTOOD.has(type)) throw new NotUnderstood('attribute', type);
}

/** Undefined where there is none, which is what every address has. */
function prefixText(address: Buffer | undefined, length: number, bits: number): string | undefined {
  if (address === undefined) return length === 0 ? undefined : `0/${length}`;
  return length === bits ? addressText(address) : `${addressText(address)}/${length}`;
}

function gatewayRecord(attributes: Attributes): JsonObject {
  const via = attributes.get(RTA.VIA);
  return {
    ...optional('gateway', valueOf(attributes, RTA.GATEWAY, addressText)),
    ...(via === undefined ? {} : { via: viaRecord(via) }),
  };
}

/** rtvia: a family, and an address of it. */
function viaRecord(via: Buffer): JsonObject {
  const address = via.subarray(2);
  const family = via.readUInt16LE(0);
  if (family === AF_INET) return { family: 'inet', host: addressText(address.subarray(0, 4)) };
  if (family === AF_INET6) return { family: 'inet6', host: addressText(address.subarray(0, 16)) };
  throw new NotUnderstood('family', family);
}

function nextHopRecords(bytes: Buffer, interfaces: InterfaceTable): JsonObject[] {
  const records: JsonObject[] = [];
  for (let at = 0; at + NEXTHOP_BYTES <= bytes.length;) {
    const length = bytes.readUInt16LE(at);
    if (length < NEXTHOP_BYTES || at + length > bytes.length) throw new NotUnderstood('nexthop');
    const hop = bytes.subarray(at, at + length);
    const attributes = attributesIn(hop, NEXTHOP_BYTES);
    onlyUnderstood(attributes);
    const index = hop.readInt32LE(4);
    records.push({
      ...gatewayRecord(attributes),
      ...(index === 0 ? {} : { dev: interfaces.nameOf(index) }),
      weight: hop.readUInt8(3) + 1,
      flags: flagWords(FLAGS, hop.readUInt8(2)),
      ...flowRecord(attributes),
    });
    at += (length + 3) & ~3;
  }
  return records;
}
