import { formatAddress } from '../model/ip.ts';

/** The parts of an IP packet that a probe recognises its own by. */
export interface IpPacket {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  /** The number of what it carries (RFC 790). */
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** null: not a whole IP header. IPv6's extension headers are not looked through: none of what is looked for has any. */
export function parseIpPacket(bytes: Uint8Array): IpPacket | null {
  const [first = 0] = bytes;
  if (first >> 4 === 4) {
    const header = (first & 15) * 4;
    if (header < 20 || bytes.length < header) return null;
    return {
      family: 4,
      source: addressIn(4, bytes.subarray(12, 16)),
      destination: addressIn(4, bytes.subarray(16, 20)),
      protocol: bytes[9] ?? 0,
      payload: bytes.subarray(header),
    };
  }
  if (first >> 4 !== 6 || bytes.length < 40) return null;
  return {
    family: 6,
    source: addressIn(6, bytes.subarray(8, 24)),
    destination: addressIn(6, bytes.subarray(24, 40)),
    protocol: bytes[6] ?? 0,
    payload: bytes.subarray(40),
  };
}

const addressIn = (family: 4 | 6, bytes: Uint8Array): string =>
  formatAddress({ family, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) });
