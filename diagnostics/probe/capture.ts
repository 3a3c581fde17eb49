import type { Machine, Place } from '../host/machine.ts';

/** A packet that came into a namespace. */
export interface Captured {
  /** The interface it came by, where tcpdump tells. */
  readonly device: string | null;
  /** To several receivers at once: a broadcast or multicast frame. */
  readonly toMany: boolean;
  /** From the IP header on; long packets are cut. */
  readonly bytes: Uint8Array;
}

/** Packets that come in by any interface, before firewall and routing see them. */
export interface Capture {
  /** Settled when every packet from now on is seen; false where none can be. */
  readonly listens: Promise<boolean>;
  readonly packets: readonly Captured[];
  /** Settled with the first packet that fits, or with null when the time is up. */
  first(fits: (packet: Captured) => boolean, milliseconds: number): Promise<Captured | null>;
  stop(): Promise<void>;
}

/** How long tcpdump may take until it listens. */
const LISTENS_MILLISECONDS = 1500;
/** Enough for the headers of an error and of the packet that it is about. */
const SNAP_BYTES = '192';
/** A flood is not worth more. */
const MOST_PACKETS = '5000';

/**
 * tcpdump(8) on all interfaces. Not promiscuous, which would be seen; without dropping privileges: the user it would become does
 * not exist for every sandbox.
 */
const tcpdump = (filter: string): readonly string[] => [
  ...['tcpdump', '-Z', 'root', '-p', '-n', '-t', '-q', '-l', '-x', '-s', SNAP_BYTES, '-c', MOST_PACKETS],
  ...['-i', 'any', '-Q', 'in', '--immediate-mode', '--', filter],
];

export function startCapture(machine: Machine, place: Place, filter: string): Capture {
  const packets: Captured[] = [];
  let changed: () => void = () => undefined;
  let listening: (listens: boolean) => void = () => undefined;
  const listens = new Promise<boolean>((resolve) => (listening = resolve));
  const collect = packetLines((packet) => {
    packets.push(packet);
    changed();
  });
  const following = machine.follow(place, tcpdump(filter), (line, from) => {
    if (from === 'stdout') collect(line);
    else if (line.includes('listening on')) listening(true);
  });
  const late = setTimeout(() => listening(false), LISTENS_MILLISECONDS);
  void following.ended.then(() => listening(false));
  void listens.then(() => clearTimeout(late));
  return {
    listens,
    packets,
    first: (fits, milliseconds) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(packets.find(fits) ?? null), milliseconds);
        changed = () => {
          const found = packets.find(fits);
          if (!found) return;
          clearTimeout(timer);
          resolve(found);
        };
        changed();
      }),
    stop: () => following.stop(),
  };
}

/** `eth0  In  IP 10.0.0.1.53 > …`; versions before 4.99 leave the interface out. */
const HEAD = /^(\S+)\s+(In|Out|B|M|P)\s/;
/** `\t0x0010:  0a00 0102 0a00 0202` */
const HEX = /^\s+0x([0-9a-f]+):\s+((?:[0-9a-f]+ ?)+)/;

/** Puts tcpdump's lines together to packets: a packet is whole when its last line is there, as its own length tells. */
export function packetLines(whole: (packet: Captured) => void): (line: string) => void {
  let head: Omit<Captured, 'bytes'> | null = null;
  let bytes: number[] = [];
  return (line) => {
    const hex = HEX.exec(line);
    if (!hex) {
      const [, device = null, kind = ''] = HEAD.exec(line) ?? [];
      head = { device, toMany: kind === 'B' || kind === 'M' };
      bytes = [];
      return;
    }
    if (!head) return;
    const digits = (hex[2] ?? '').replaceAll(' ', '');
    for (let at = 0; at < digits.length; at += 2) bytes.push(parseInt(digits.slice(at, at + 2), 16));
    if (bytes.length < Math.min(lengthOf(bytes), Number(SNAP_BYTES) - LINK_HEADER)) return;
    whole({ ...head, bytes: Uint8Array.from(bytes) });
    head = null;
  };
}

/** The snap length counts the header that the kernel gives packets of `any` (LINUX_SLL2). */
const LINK_HEADER = 20;

/** Of an IP packet, as its header has it (RFC 791, RFC 8200). */
const lengthOf = (bytes: readonly number[]): number => {
  const word = (at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (bytes.length < 20) return Infinity;
  return (bytes[0] ?? 0) >> 4 === 6 ? word(4) + 40 : word(2);
};
