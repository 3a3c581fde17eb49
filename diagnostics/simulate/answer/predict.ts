import type { ProbeOutcome } from '../../model/diagnosis.ts';
import { arrived, type Ended } from '../journey.ts';
import type { RoundTrip, Way } from '../walk.ts';

/** What a live probe would say. */
export interface Prediction {
  readonly outcome: ProbeOutcome;
  /** False where a doubt remains, where several outcomes are possible, or where silence proves nothing (UDP). */
  readonly certain: boolean;
  /** Each of the outcomes that are possible is a failure: it is only not certain which. */
  readonly fails?: true;
}

/** How the sender's own system call fails (net/ipv4/route.c, fib_props). */
const localOutcome = (end: Ended, protocol: string): ProbeOutcome | null => {
  const { localError, afterConnect, answer } = end.ending;
  if (localError === undefined) return null;
  if (afterConnect && protocol === 'tcp') return 'timeout';
  switch (localError) {
    case 'network-unreachable':
    case 'host-unreachable':
    case 'invalid':
    case 'no-source':
      return 'unreachable';
    case 'prohibited':
      return 'prohibited';
    // A datagram's send() fails with EPERM. A SYN is sent again until the time is up, ping(8) says nothing of it; both hear
    // the answer of a rule that rejects.
    case 'not-permitted':
      return protocol === 'udp' ? 'prohibited' : answer ? null : 'timeout';
    case 'too-big':
      return 'too-big';
  }
};

/** Codes of ICMP type 3 that a connected UDP socket is not told of: they may pass (`fatal` of icmp_err_convert[], udp_err()). */
const PASSING = new Set([0, 1, 5, 11, 12]);

/**
 * What an ICMP error means to a program. ping(8) tells prohibitions apart; to a socket they are EHOSTUNREACH or ENETUNREACH
 * (icmp_err_convert of net/ipv4/icmp.c).
 */
const icmpOutcome = (family: 4 | 6, type: number, code: number, protocol: string): ProbeOutcome => {
  if (family === 6) return icmp6Outcome(type, code, protocol);
  if (protocol === 'udp' && (type !== 3 || PASSING.has(code))) return 'timeout';
  if (type !== 3) return 'unreachable';
  switch (code) {
    case 3:
      return 'refused';
    case 4:
      return 'too-big';
    case 9:
    case 10:
    case 13:
      return protocol === 'icmp' ? 'prohibited' : 'unreachable';
    default:
      return 'unreachable';
  }
};

/** What an ICMPv6 error means to a program: tab_unreach[] and icmpv6_err_convert() of net/ipv6/icmp.c. */
const icmp6Outcome = (type: number, code: number, protocol: string): ProbeOutcome => {
  const passes = code === 0 || code === 2 || code === 3;
  if (protocol === 'udp' && (type !== 1 || passes)) return 'timeout';
  if (type === 2) return 'too-big';
  if (type !== 1) return 'unreachable';
  switch (code) {
    case 1:
      return 'prohibited';
    case 4:
      return 'refused';
    // EACCES to a socket; ping(8) has no word for them.
    case 5:
    case 6:
      return protocol === 'icmp' ? 'unreachable' : 'prohibited';
    default:
      return 'unreachable';
  }
};

/** null: it cannot be said. */
const wayOutcomes = ({ forward, back }: Way, protocol: string): readonly (ProbeOutcome | null)[] => {
  const { ending } = forward;
  const local = localOutcome(forward, protocol);
  if (local) return [local];
  if (ending.disposition === 'unknown' || ending.disposition === 'exits-machine') return [null];
  const { answer } = ending;
  if (!answer) return ['timeout'];
  return back.map((end): ProbeOutcome | null => {
    if (end.ending.disposition === 'unknown') return null;
    if (!arrived(end)) return end.ending.disposition === 'exits-machine' ? null : 'timeout';
    switch (answer.kind) {
      case 'reply':
        return 'reply';
      case 'reset':
        return 'refused';
      case 'icmp':
        return icmpOutcome(forward.journey.packet.family, answer.type, answer.code, protocol);
    }
  });
};

/** What a live probe of the same flow would say, as far as the walk knows. */
export function predict(trip: RoundTrip): Prediction {
  const { protocol } = trip.start;
  const outcomes = trip.ways.flatMap((way) => wayOutcomes(way, protocol));
  const [first] = outcomes;
  if (first === undefined || outcomes.includes(null))
    return { outcome: outcomes.find((outcome) => outcome !== null) ?? 'not-run', certain: false };
  const doubtful = trip.ways.some(
    ({ forward, back }) =>
      forward.ending.momentary === true ||
      forward.journey.doubts.length > 0 ||
      back.some((end) => end.journey.doubts.length > 0),
  );
  // Whether a program answers a datagram is its own affair.
  const silent = protocol === 'udp' && outcomes.includes('reply');
  const agree = outcomes.every((outcome) => outcome === first);
  const certain = agree && !doubtful && !silent;
  const fails = !certain && !doubtful && !outcomes.includes('reply');
  return { outcome: first ?? 'not-run', certain, ...(fails ? { fails } : {}) };
}
