import {
  attributesIn,
  textOf,
  type Attributes,
  type NetlinkMessage,
} from '../../host/native/netlink-message.ts';
import { optional, type JsonObject } from '../../host/external-json.ts';
import { addressText, NotUnderstood, s32, u16, u32, u8, valueOf } from './bytes.ts';
import { AF_INET } from './families.ts';
import type { IprouteNames } from './iproute-names.ts';
import { ROUTE_TYPES } from './route-records.ts';

/** fib_rule_hdr of include/uapi/linux/fib_rules.h. */
const RULE_BYTES = 12;

const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  GOTO: 4,
  PRIORITY: 6,
  FWMARK: 10,
  FLOW: 11,
  TUN_ID: 12,
  SUPPRESS_IFGROUP: 13,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
  PAD: 18,
  L3MDEV: 19,
  UID_RANGE: 20,
  PROTOCOL: 21,
  IP_PROTO: 22,
  SPORT_RANGE: 23,
  DPORT_RANGE: 24,
  DSCP: 25,
  FLOWLABEL: 26,
  FLOWLABEL_MASK: 27,
  SPORT_MASK: 28,
  DPORT_MASK: 29,
  DSCP_MASK: 30,
};
const UNDERSTOOD: ReadonlySet<number> = new Set(Object.values(FRA));

const FIB_RULE_INVERT = 0x2;
const FIB_RULE_UNRESOLVED = 0x4;
const ALL_PORT_BITS = 0xffff;

const FR_ACT_TO_TBL = 1;
const FR_ACT_GOTO = 2;
const FR_ACT_NOP = 3;

/** What `ip -d -j rule show` prints of one family, in the order of print_rule() in iproute2's ip/iprule.c. */
export const ruleRecords = (messages: readonly NetlinkMessage[], names: IprouteNames): JsonObject[] =>
  messages.map(({ body }) => ruleRecord(body, names));

function ruleRecord(body: Buffer, names: IprouteNames): JsonObject {
  const bits = body.readUInt8(0) === AF_INET ? 32 : 128;
  const attributes = attributesIn(body, RULE_BYTES);
  for (const type of attributes.keys()) if (!UNDERSTOOD.has(type)) throw new NotUnderstood('attribute', type);
  const [toLength, fromLength, tos] = [body.readUInt8(1), body.readUInt8(2), body.readUInt8(3)];
  const flags = body.readUInt32LE(8);
  const uids = attributes.get(FRA.UID_RANGE);
  const protocol = valueOf(attributes, FRA.IP_PROTO, u8);
  const tunnel = attributes.get(FRA.TUN_ID);
  return {
    priority: valueOf(attributes, FRA.PRIORITY, u32) ?? 0,
    ...((flags & FIB_RULE_INVERT) === 0 ? {} : { not: null }),
    ...(selector('src', attributes.get(FRA.SRC), fromLength, bits) ?? { src: 'all' }),
    ...selector('dst', attributes.get(FRA.DST), toLength, bits),
    ...(tos === 0 ? {} : { tos: names.tos(tos) }),
    ...optional('dscp', valueOf(attributes, FRA.DSCP, u8)),
    ...optional('flowlabel', valueOf(attributes, FRA.FLOWLABEL, flowLabel)),
    ...markRecord(attributes),
    ...optional('iif', valueOf(attributes, FRA.IIFNAME, textOf)),
    ...optional('oif', valueOf(attributes, FRA.OIFNAME, textOf)),
    ...((valueOf(attributes, FRA.L3MDEV, u8) ?? 0) === 0 ? {} : { l3mdev: null }),
    ...(uids === undefined ? {} : { uid_start: uids.readUInt32LE(0), uid_end: uids.readUInt32LE(4) }),
    ...optional('ipproto', protocol === undefined ? undefined : names.ipProtocol(protocol)),
    ...portsRecord('sport', attributes.get(FRA.SPORT_RANGE), valueOf(attributes, FRA.SPORT_MASK, u16)),
    ...portsRecord('dport', attributes.get(FRA.DPORT_RANGE), valueOf(attributes, FRA.DPORT_MASK, u16)),
    ...(tunnel === undefined ? {} : { tun_id: Number(tunnel.readBigUInt64BE(0)) }),
    ...tableRecord(body, attributes, names),
    ...realmsRecord(valueOf(attributes, FRA.FLOW, u32)),
    ...actionRecord(body.readUInt8(7), flags, attributes),
    ...optional(
      'protocol',
      valueOf(attributes, FRA.PROTOCOL, (bytes) => names.protocol(u8(bytes))),
    ),
  };
}

function selector(
  key: 'src' | 'dst',
  address: Buffer | undefined,
  length: number,
  bits: number,
): JsonObject | undefined {
  if (address === undefined) return length === 0 ? undefined : { [key]: '0', [`${key}len`]: length };
  return { [key]: addressText(address), ...(length === bits ? {} : { [`${key}len`]: length }) };
}

const hex = (number: number): string => `0x${number.toString(16)}`;

function markRecord(attributes: Attributes): JsonObject {
  const [mark, mask] = [valueOf(attributes, FRA.FWMARK, u32), valueOf(attributes, FRA.FWMASK, u32)];
  if (mark === undefined && mask === undefined) return {};
  return {
    fwmark: hex(mark ?? 0),
    ...(mask === undefined || mask === 0xffffffff ? {} : { fwmask: hex(mask) }),
  };
}

const flowLabel = (bytes: Buffer): string => hex(bytes.readUInt32BE(0));

/** A mask is of one port alone; older kernels have none, and ip(8) before 6.14 does not tell it. */
function portsRecord(
  key: 'sport' | 'dport',
  range: Buffer | undefined,
  mask: number | undefined,
): JsonObject {
  if (range === undefined) return {};
  const [from, to] = [u16(range), range.readUInt16LE(2)];
  if (mask !== undefined && mask !== ALL_PORT_BITS && from === to)
    return { [key]: from, [`${key}_mask`]: hex(mask) };
  return from === to ? { [key]: from } : { [`${key}_start`]: from, [`${key}_end`]: to };
}

function tableRecord(body: Buffer, attributes: Attributes, names: IprouteNames): JsonObject {
  const table = valueOf(attributes, FRA.TABLE, u32) ?? body.readUInt8(4);
  if (table === 0) return {};
  const length = valueOf(attributes, FRA.SUPPRESS_PREFIXLEN, s32) ?? -1;
  const group = valueOf(attributes, FRA.SUPPRESS_IFGROUP, s32) ?? -1;
  return {
    table: names.table(table),
    ...(length === -1 ? {} : { suppress_prefixlen: length }),
    ...(group === -1 ? {} : { suppress_ifgroup: names.group(group) }),
  };
}

const realmsRecord = (realms: number | undefined): JsonObject =>
  realms === undefined
    ? {}
    : {
        ...(realms >>> 16 === 0 ? {} : { flow_from: String(realms >>> 16) }),
        flow_to: String(realms & 0xffff),
      };

function actionRecord(action: number, flags: number, attributes: Attributes): JsonObject {
  switch (action) {
    case FR_ACT_TO_TBL:
      return {};
    case FR_ACT_GOTO:
      return {
        goto: valueOf(attributes, FRA.GOTO, u32) ?? 'none',
        ...((flags & FIB_RULE_UNRESOLVED) === 0 ? {} : { unresolved: null }),
      };
    case FR_ACT_NOP:
      return { nop: null };
    default: {
      const word = ROUTE_TYPES[action];
      if (word === undefined) throw new NotUnderstood('action', action);
      return { action: word };
    }
  }
}
