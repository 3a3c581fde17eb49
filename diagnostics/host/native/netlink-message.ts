/** Messages and attributes of netlink as bytes; see netlink(7) and the kernel's include/uapi/linux/netlink.h. */

export const NLM_F_REQUEST = 0x1;
export const NLM_F_DUMP = 0x300;

const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** Without the flags "nested" and "big-endian". */
const ATTRIBUTE_TYPE = 0x3fff;

/** A message with its header read (struct nlmsghdr of netlink(7)). */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the header: the family's own header, then attributes. */
  readonly body: Buffer;
}

/** The bytes of attributes by their type. Of those that come twice, the last. */
export interface Attributes {
  get(type: number): Buffer | undefined;
  has(type: number): boolean;
  keys(): Iterable<number>;
}

/** Both are multiples of four bytes: lengths are padded to that. */
const padded = (length: number): number => (length + 3) & ~3;

export function requestOf(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(HEADER_BYTES + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, body]);
}

/** The messages in a datagram; what does not fit ends the list. */
export function messagesIn(bytes: Buffer): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER_BYTES || at + length > bytes.length) break;
    messages.push({
      type: bytes.readUInt16LE(at + 4),
      flags: bytes.readUInt16LE(at + 6),
      sequence: bytes.readUInt32LE(at + 8),
      body: bytes.subarray(at + HEADER_BYTES, at + length),
    });
    at += padded(length);
  }
  return messages;
}

/** The attributes from `offset` on, which is how long the family's own header is; what does not fit ends them. */
export function attributesIn(bytes: Buffer, offset = 0): Attributes {
  // Of the many that an interface has, few are looked at: a view of its own takes longer to make than a number.
  const places = new Map<number, number>();
  eachAttribute(bytes, offset, (type, at) => places.set(type, at));
  return {
    get(type) {
      const at = places.get(type);
      return at === undefined ? undefined : valueAt(bytes, at);
    },
    has: (type) => places.has(type),
    keys: () => places.keys(),
  };
}

/** The same with those that come several times, in their order. */
export function attributeList(bytes: Buffer, offset = 0): readonly (readonly [number, Buffer])[] {
  const attributes: (readonly [number, Buffer])[] = [];
  eachAttribute(bytes, offset, (type, at) => attributes.push([type, valueAt(bytes, at)]));
  return attributes;
}

function eachAttribute(bytes: Buffer, offset: number, seen: (type: number, at: number) => void): void {
  for (let at = offset; at + ATTRIBUTE_HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) break;
    seen(bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE, at);
    at += padded(length);
  }
}

const valueAt = (bytes: Buffer, at: number): Buffer =>
  bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + bytes.readUInt16LE(at));

/** An attribute for a question. */
export function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(padded(ATTRIBUTE_HEADER_BYTES + value.length));
  bytes.writeUInt16LE(ATTRIBUTE_HEADER_BYTES + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}

/** Text that ends with a zero byte. */
export const textOf = (bytes: Buffer): string => {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
};
