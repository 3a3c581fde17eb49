import { sameAddress } from '../model/ip.ts';
import { parseIpPacket } from './ip-packet.ts';

/** An ICMP error as it came back, and whom the packet that it is about was for. */
export interface IcmpError {
  readonly family: 4 | 6;
  readonly from: string;
  readonly type: number;
  readonly code: number;
  /** The size that a “too big” tells, in bytes at layer 3. */
  readonly mtu: number | null;
  readonly about: { readonly destination: string; readonly protocol: number };
}

/** Errors, and nothing else that ICMP says (RFC 792, RFC 4443). */
export const ICMP_ERRORS = ['icmp[0]=3', 'icmp[0]=11', 'icmp[0]=12', '(ip6[6]=58&&ip6[40]<128)'].join(' or ');

const NUMBERS: Readonly<Record<4 | 6, number>> = { 4: 1, 6: 58 };
const HEADER_BYTES = 8;

/** null: something else. */
export function parseIcmpError(bytes: Uint8Array): IcmpError | null {
  const packet = parseIpPacket(bytes);
  if (packet?.protocol !== NUMBERS[packet?.family ?? 4]) return null;
  const [type = 0, code = 0] = packet.payload;
  const about = parseIpPacket(packet.payload.subarray(HEADER_BYTES));
  if (!about) return null;
  const view = new DataView(packet.payload.buffer, packet.payload.byteOffset, HEADER_BYTES);
  const tells = packet.family === 4 ? type === 3 && code === 4 : type === 2;
  const mtu = packet.family === 4 ? view.getUint16(6) : view.getUint32(4);
  return {
    family: packet.family,
    from: packet.source,
    type,
    code,
    mtu: tells && mtu > 0 ? mtu : null,
    about: { destination: about.destination, protocol: about.protocol },
  };
}

const TRANSPORTS: Readonly<Record<'tcp' | 'udp', number>> = { tcp: 6, udp: 17 };

/** Whether it is about a packet of this protocol to one of these addresses. */
export const isAbout = (error: IcmpError, protocol: 'tcp' | 'udp', addresses: readonly string[]): boolean =>
  error.about.protocol === TRANSPORTS[protocol] &&
  addresses.some((address) => sameAddress(address, error.about.destination));

const UNREACHABLE_4: readonly string[] = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
  'source route failed',
  'network unknown',
  'host unknown',
  'host isolated',
  'network administratively prohibited',
  'host administratively prohibited',
  'network unreachable for this type of service',
  'host unreachable for this type of service',
  'administratively prohibited',
  'precedence not allowed',
  'precedence not allowed',
];

const UNREACHABLE_6: readonly string[] = [
  'no route to the destination',
  'administratively prohibited',
  'beyond the scope of the source address',
  'address unreachable',
  'port unreachable',
  'source address not allowed',
  'reject route to the destination',
];

/** What an error says, in the words of RFC 792, RFC 1812 and RFC 4443. */
export function icmpWords({
  family,
  type,
  code,
  mtu,
}: Pick<IcmpError, 'family' | 'type' | 'code' | 'mtu'>): string {
  if (mtu !== null) return `packet too big, at most ${mtu} bytes`;
  const [unreachable, tooBig, expired] = family === 4 ? [3, null, 11] : [1, 2, 3];
  if (type === unreachable)
    return (family === 4 ? UNREACHABLE_4 : UNREACHABLE_6)[code] ?? `unreachable (code ${code})`;
  if (type === tooBig) return 'packet too big';
  if (type === expired) return code === 0 ? 'time to live exceeded' : 'fragment reassembly time exceeded';
  return 'parameter problem';
}
