import { listings, NETLINK_SOCK_DIAG } from '../../host/native/listing.ts';
import { attributesIn, textOf, type NetlinkMessage } from '../../host/native/netlink-message.ts';
import type { SystemCalls } from '../../host/native/system-calls.ts';
import type { Visit } from '../../host/native/visit.ts';
import { formatAddress, type Address } from '../../model/ip.ts';

/** A socket that listens (TCP), or any of UDP, as the kernel tells of it. */
export interface ListedSocket {
  readonly protocol: 'tcp' | 'udp';
  /** Of its address: a socket of IPv6 may have one of IPv4 (`::ffff:10.0.0.1`). */
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** A UDP socket that has a peer. */
  readonly connected: boolean;
  /** SO_BINDTODEVICE. */
  readonly device: string | undefined;
  /** Connections that wait to be taken, and how many may; of UDP, bytes. */
  readonly used: number;
  readonly limit: number;
  readonly owner: number;
  /** 0: of the kernel's own, or no process has it any more. */
  readonly inode: number;
  /** Of an address of IPv6; undefined: a kernel that does not tell. */
  readonly v6only: boolean | undefined;
  readonly mark: number | undefined;
  readonly transparent: boolean | undefined;
  /** Whose segments have to be signed (TCP_MD5SIG): told to administrators alone. */
  readonly signed: readonly { readonly address: string; readonly length: number }[] | undefined;
  /** The id of the cgroup that it was made in. */
  readonly cgroup: bigint | undefined;
}

const SOCK_DIAG_BY_FAMILY = 20;
const AF_INET = 2;
const AF_INET6 = 10;
const TCP = 6;
const UDP = 17;
const TCP_ESTABLISHED = 1;
const TCP_LISTEN = 10;
const ALL_STATES = 0xffff_ffff;

/** tcp_diag_get_aux() tells of keys only who asks for this too. */
const INET_DIAG_INFO = 2;
const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_MARK = 15;
const INET_DIAG_MD5SIG = 18;
const INET_DIAG_CGROUP_ID = 21;
const INET_DIAG_SOCKOPT = 22;
/** In the first byte of struct inet_diag_sockopt. */
const TRANSPARENT = 1 << 5;

/** struct inet_diag_req_v2: family, protocol, extensions, states, and a socket's id that a listing has not. */
const REQUEST_BYTES = 56;
/** struct inet_diag_msg of include/uapi/linux/inet_diag.h, and where its fields begin. */
const MESSAGE_BYTES = 72;
const AT = {
  family: 0,
  state: 1,
  port: 4,
  address: 8,
  device: 40,
  used: 56,
  limit: 60,
  owner: 64,
  inode: 68,
};

const QUESTIONS = [
  { protocol: 'udp', family: 4 },
  { protocol: 'udp', family: 6 },
  { protocol: 'tcp', family: 4 },
  { protocol: 'tcp', family: 6 },
] as const;

/**
 * What the kernel's sock_diag(7) lists of the network namespace that this thread is in; null where it does not answer, or says
 * what is not known here.
 */
export function listSockets(visit: Visit): readonly ListedSocket[] | null {
  const lists = listings(visit, NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, QUESTIONS.map(requestFor));
  if (!lists) return null;
  const sockets: ListedSocket[] = [];
  for (const [index, { protocol }] of QUESTIONS.entries())
    for (const message of lists[index] ?? []) {
      const socket = socketOf(visit.calls, message, protocol);
      if (!socket) return null;
      sockets.push(socket);
    }
  return sockets;
}

/** Of TCP only what listens: to look for more, the kernel goes through the connections of all namespaces. */
function requestFor({ protocol, family }: (typeof QUESTIONS)[number]): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request[0] = family === 4 ? AF_INET : AF_INET6;
  request[1] = protocol === 'tcp' ? TCP : UDP;
  if (protocol === 'tcp') request[2] = 1 << (INET_DIAG_INFO - 1);
  request.writeUInt32LE(protocol === 'tcp' ? 1 << TCP_LISTEN : ALL_STATES, 4);
  return request;
}

function socketOf(
  calls: SystemCalls,
  { type, body }: NetlinkMessage,
  protocol: ListedSocket['protocol'],
): ListedSocket | null {
  if (type !== SOCK_DIAG_BY_FAMILY || body.length < MESSAGE_BYTES) return null;
  const address = addressIn(body);
  if (!address) return null;
  const index = body.readUInt32LE(AT.device);
  const device = index === 0 ? undefined : interfaceName(calls, index);
  if (device === null) return null;
  const attributes = attributesIn(body, MESSAGE_BYTES);
  const cgroup = attributes.get(INET_DIAG_CGROUP_ID);
  const mark = attributes.get(INET_DIAG_MARK);
  const v6only = attributes.get(INET_DIAG_SKV6ONLY)?.[0];
  const keys = attributes.get(INET_DIAG_MD5SIG);
  const options = attributes.get(INET_DIAG_SOCKOPT)?.[0];
  return {
    protocol,
    family: address.family,
    address: formatAddress(address),
    port: body.readUInt16BE(AT.port),
    connected: body[AT.state] === TCP_ESTABLISHED,
    device,
    used: body.readUInt32LE(AT.used),
    limit: body.readUInt32LE(AT.limit),
    owner: body.readUInt32LE(AT.owner),
    inode: body.readUInt32LE(AT.inode),
    v6only: address.family === 4 ? false : v6only === undefined ? undefined : v6only !== 0,
    mark: mark?.length === 4 ? mark.readUInt32LE(0) : undefined,
    transparent: options === undefined ? undefined : (options & TRANSPARENT) !== 0,
    signed: keys && signersIn(keys),
    cgroup: cgroup?.length === 8 ? cgroup.readBigUInt64LE(0) : undefined,
  };
}

/** struct tcp_diag_md5sig of include/uapi/linux/inet_diag.h: family, prefix, length of the key, address, and the key itself. */
const KEY_BYTES = 100;
const KEY_ADDRESS_AT = 4;

const signersIn = (keys: Buffer): NonNullable<ListedSocket['signed']> =>
  Array.from({ length: Math.floor(keys.length / KEY_BYTES) }, (_, index) => {
    const key = keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES);
    const family = key[0] === AF_INET ? 4 : 6;
    const hex = key.toString('hex', KEY_ADDRESS_AT, KEY_ADDRESS_AT + (family === 4 ? 4 : 16));
    return { address: formatAddress({ family, value: BigInt(`0x${hex}`) }), length: key[1] ?? 0 };
  });

/** How an address of IPv4 begins as one of IPv6 (RFC 4291, 2.5.5.2). */
const MAPPED = `${'0'.repeat(20)}ffff`;

function addressIn(body: Buffer): Address | null {
  const hex = body.toString('hex', AT.address, AT.address + 16);
  switch (body[AT.family]) {
    case AF_INET:
      return { family: 4, value: BigInt(`0x${hex.slice(0, 8)}`) };
    case AF_INET6:
      return hex.startsWith(MAPPED)
        ? { family: 4, value: BigInt(`0x${hex.slice(MAPPED.length)}`) }
        : { family: 6, value: BigInt(`0x${hex}`) };
    default:
      return null;
  }
}

const SIOCGIFNAME = 0x8910;
const AF_INET_DATAGRAM = 2 | 0x80000;
/** struct ifreq: a name, and at 16 the interface's number. */
const IFREQ_BYTES = 40;
const IFREQ_INDEX_AT = 16;

/** Null where it is gone. */
function interfaceName(calls: SystemCalls, index: number): string | null {
  const descriptor = calls.socket(AF_INET, AF_INET_DATAGRAM, 0);
  if (descriptor < 0) return null;
  const request = Buffer.alloc(IFREQ_BYTES);
  request.writeUInt32LE(index, IFREQ_INDEX_AT);
  const done = calls.ioctl(descriptor, SIOCGIFNAME, request);
  calls.close(descriptor);
  return done === 0 ? textOf(request) : null;
}
