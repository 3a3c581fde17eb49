import type { Machine, Place } from '../host/machine.ts';
import type { ArrivalFate } from '../model/diagnosis.ts';
import type { RawProbe } from '../source.ts';
import { startCapture, type Captured } from './capture.ts';
import { parseIpPacket } from './ip-packet.ts';
import { readUdpCounters, type UdpCounters } from './udp-counters.ts';

/** A datagram that is looked for, and where. */
export interface Awaited {
  readonly place: Place & { readonly namespace: string };
  readonly family: 4 | 6;
  readonly port: number;
  /** Nobody else's is like it. */
  readonly payload: Uint8Array;
}

export interface ArrivalWatch {
  /** Says what was seen, and ends the watch. null: too much else came at the same time, or nobody could look. */
  end(): Promise<RawProbe['arrival'] | null>;
  /** Nobody wants to know any more. */
  cancel(): Promise<void>;
}

/** Looks at the receiver of a datagram, from when this returns. */
export async function watchArrival(machine: Machine, awaited: Awaited): Promise<ArrivalWatch> {
  const { place, family, port, payload } = awaited;
  const capture = startCapture(machine, place, 'udp');
  const sees = await capture.listens;
  const before = await readUdpCounters(machine, place, family, port);
  return {
    cancel: () => capture.stop(),
    async end() {
      const after = await readUdpCounters(machine, place, family, port);
      await capture.stop();
      if (!before || !after) return null;
      const mine = capture.packets.find((packet) => carries(packet, payload));
      const others = capture.packets.filter((packet) => !carries(packet, payload));
      const seen = sees ? { came: mine !== undefined, others: manyCount(others) } : null;
      const fate = arrivalFate(before, after, seen);
      return fate && { namespace: place.namespace, fate, device: mine?.device ?? null };
    },
  };
}

const UDP = 17;
const UDP_HEADER = 8;

function carries({ bytes }: Captured, payload: Uint8Array): boolean {
  const packet = parseIpPacket(bytes);
  if (packet?.protocol !== UDP) return false;
  const carried = packet.payload.subarray(UDP_HEADER);
  const length = Math.min(carried.length, payload.length);
  return length > 0 && carried.subarray(0, length).every((byte, at) => byte === payload[at]);
}

/** One frame to many may be taken by any number of sockets. */
const manyCount = (packets: readonly Captured[]): number =>
  packets.some(({ toMany }) => toMany) ? Infinity : packets.length;

/**
 * What the counters and the interfaces say together. Others' datagrams are counted too: more was taken than others sent means
 * that this one was among them; nothing was taken means that it was not.
 *
 * @param seen what came in by interfaces; null: nobody could look
 */
export function arrivalFate(
  before: UdpCounters,
  after: UdpCounters,
  seen: { readonly came: boolean; readonly others: number } | null,
): ArrivalFate | null {
  if (seen && !seen.came) return 'never';
  const others = seen?.others ?? 0;
  if (after.waiting > before.waiting) return 'waiting';
  if (after.lost > before.lost) return 'buffer-full';
  const taken = after.taken - before.taken;
  // Where nobody could look, one that was taken may be anybody's.
  if (taken > 0) return seen && taken > others ? 'taken' : null;
  const refused = after.noPort - before.noPort;
  if (refused > 0) return seen && refused > others ? 'no-listener' : null;
  return seen ? 'stopped' : 'not-taken';
}
