import type { Packet, TcpOptions } from '../../model/packet.ts';

/** What a header holds, byte by byte; null: a byte that nobody can tell. */
type Bytes = readonly (number | null)[];

/** tcphdr flags; a refusal of a SYN carries an acknowledgement (RFC 9293, 3.5.2). */
const FLAGS = { S: 0x02, SA: 0x12, A: 0x10, R: 0x14 } as const;
const ECE = 0x40;
const CWR = 0x80;
/** RFC 3168, 6.1.1: who asks for notifications of congestion sets both, who agrees sets the first. */
const CONGESTION = { S: ECE | CWR, SA: ECE, A: 0, R: 0 } as const;

/** The flags of a segment of TCP; null: not known. */
export const tcpFlagBits = ({ tcpFlags, congestion }: Packet): number | null => {
  if (tcpFlags === undefined) return null;
  return congestion ? FLAGS[tcpFlags] | CONGESTION[tcpFlags] : FLAGS[tcpFlags];
};

/** Kinds of options (RFC 9293, 3.2; RFC 2018; RFC 7323). */
export const TCP_OPTION = { end: 0, nop: 1, mss: 2, scaling: 3, sackPermitted: 4, sack: 5, timestamps: 8 };

const UNKNOWN_STAMPS = Array.from({ length: 8 }, () => null);

/** As tcp_options_write() of net/ipv4/tcp_output.c lays them out; null: not known which there are. */
export function tcpOptionBytes({ tcpFlags, tcpOptions, mss }: Packet): Bytes | null {
  if (tcpFlags === 'R') return [];
  if ((tcpFlags !== 'S' && tcpFlags !== 'SA') || !tcpOptions) return null;
  const { sack, timestamps, scaling, removed = [] } = tcpOptions;
  const { nop } = TCP_OPTION;
  const size = mss === undefined ? [null, null] : [mss >> 8, mss & 0xff];
  const options: readonly Bytes[] = [
    [TCP_OPTION.mss, 4, ...size],
    timestamps || sack ? (sack ? [TCP_OPTION.sackPermitted, 2] : [nop, nop]) : [],
    timestamps ? [TCP_OPTION.timestamps, 10, ...UNKNOWN_STAMPS] : sack ? [nop, nop] : [],
    scaling ? [nop] : [],
    scaling ? [TCP_OPTION.scaling, 3, null] : [],
  ];
  return options.flatMap((option) => (removed.includes(option[0] ?? nop) ? option.map(() => nop) : option));
}

/** How many bytes these options take: the same whatever was made of them on the way. */
export const tcpOptionsSize = ({ sack, timestamps, scaling }: TcpOptions): number =>
  4 + (timestamps ? 12 : sack ? 4 : 0) + (scaling ? 4 : 0);

/** nft_exthdr_tcp_strip_eval(), tcpoptstrip_mangle_packet(): in their place is nothing, byte by byte. */
export const withoutTcpOptions = (packet: Packet, kinds: readonly number[]): Packet =>
  packet.tcpOptions
    ? {
        ...packet,
        tcpOptions: {
          ...packet.tcpOptions,
          removed: [...new Set([...(packet.tcpOptions.removed ?? []), ...kinds])].sort((a, b) => a - b),
        },
      }
    : packet;
