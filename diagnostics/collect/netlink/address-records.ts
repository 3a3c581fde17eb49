import { attributesIn, type NetlinkMessage } from '../../host/native/netlink-message.ts';
import { groupBy } from '../../model/remember.ts';
import { optional, type JsonObject } from '../../host/external-json.ts';
import { addressText, u32, valueOf } from './bytes.ts';
import { AF_INET, AF_INET6 } from './families.ts';
import type { IprouteNames } from './iproute-names.ts';

/** ifaddrmsg of rtnetlink(7). */
const ADDRESS_BYTES = 8;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;
const IFA_FLAGS = 8;

const IFA_F_SECONDARY = 0x1;
const IFA_F_PERMANENT = 0x80;

/** In the order of print_ifa_flags() of iproute2's ip/ipaddress.c. `dynamic` is what is not permanent. */
const FLAGS: readonly (readonly [string, number])[] = [
  ['secondary', IFA_F_SECONDARY],
  ['nodad', 0x2],
  ['optimistic', 0x4],
  ['dadfailed', 0x8],
  ['home', 0x10],
  ['deprecated', 0x20],
  ['tentative', 0x40],
  ['dynamic', IFA_F_PERMANENT],
  ['mngtmpaddr', 0x100],
  ['noprefixroute', 0x200],
  ['autojoin', 0x400],
  ['stable-privacy', 0x800],
];

/** `addr_info` of `ip -d -j address show`, as far as parseLinks() reads it, by the number of the interface. */
export function addressRecords(
  messages: readonly NetlinkMessage[],
  names: IprouteNames,
): ReadonlyMap<number, readonly JsonObject[]> {
  const known = messages.filter(({ body }) => body[0] === AF_INET || body[0] === AF_INET6);
  const byIndex = groupBy(known, ({ body }) => body.readUInt32LE(4));
  return new Map(
    [...byIndex].map(([index, own]) => [index, own.map((message) => addressRecord(message, names))]),
  );
}

function addressRecord({ body }: NetlinkMessage, names: IprouteNames): JsonObject {
  const six = body[0] === AF_INET6;
  const attributes = attributesIn(body, ADDRESS_BYTES);
  const flags = valueOf(attributes, IFA_FLAGS, u32) ?? body.readUInt8(2);
  const address = valueOf(attributes, IFA_ADDRESS, addressText);
  const local = valueOf(attributes, IFA_LOCAL, addressText) ?? address;
  return {
    family: six ? 'inet6' : 'inet',
    ...optional('local', local),
    ...(address === local ? {} : optional('address', address)),
    prefixlen: body.readUInt8(1),
    ...optional('broadcast', valueOf(attributes, IFA_BROADCAST, addressText)),
    scope: names.scope(body.readUInt8(3)),
    ...flagsOf(flags, six),
  };
}

const flagsOf = (flags: number, six: boolean): JsonObject =>
  Object.fromEntries(
    FLAGS.filter(([, bit]) => ((flags & bit) !== 0) !== (bit === IFA_F_PERMANENT)).map(([word, bit]) => [
      six && bit === IFA_F_SECONDARY ? 'temporary' : word,
      true,
    ]),
  );
