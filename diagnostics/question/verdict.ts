import type { ArrivalFate, ProbedSizes, ProbeOutcome, ProbeResult, WhyVerdict } from '../model/diagnosis.ts';
import type { Protocol } from '../model/flow.ts';
import type { RawProbe } from '../source.ts';
import type { LargePackets } from '../simulate/answer/large.ts';
import type { Prediction } from '../simulate/answer/predict.ts';
import { endsAtHeldPort } from '../simulate/ip/held-port.ts';
import type { Trace } from '../model/trace.ts';

/** What one leg's walk and probe say together. */
export interface Judgement {
  readonly verdict: WhyVerdict;
  readonly agrees: boolean | null;
}

export interface Judged {
  readonly protocol: Protocol;
  readonly forward: Trace;
  readonly prediction: Prediction;
  readonly probe: RawProbe | null;
}

/** A conclusive probe decides; without one the prediction does; where neither is sure, nobody knows. */
export function judge({ protocol, forward, prediction, probe }: Judged): Judgement {
  if (probe === null || probe.outcome === 'not-run')
    return { verdict: predicted(protocol, forward, prediction), agrees: null };
  if (protocol === 'udp' && probe.outcome === 'timeout') return judgeSilence(forward, prediction, probe);
  const through = probe.outcome === 'reply' || probe.outcome === 'closed-early';
  const refuted = prediction.fails === true && through;
  const agrees = prediction.certain ? same(prediction.outcome, probe.outcome) : refuted ? false : null;
  // What left the machine and was not answered: nobody here can see why.
  if (forward.disposition === 'exits-machine' && probe.outcome === 'timeout')
    return { verdict: 'unknown', agrees };
  // The kernel took the connection for a program that will never fetch it.
  if (endsAtHeldPort(forward)) return { verdict: 'unreachable', agrees };
  return { verdict: through ? 'reachable' : 'unreachable', agrees };
}

/**
 * Silence on UDP proves nothing: a server may have taken the datagram and kept quiet. What decides is an error of which the
 * sender's socket was not told, or what was seen at the receiver.
 */
function judgeSilence(forward: Trace, prediction: Prediction, probe: RawProbe): Judgement {
  const believed = predicted('udp', forward, prediction);
  const comes = forward.disposition === 'delivered';
  const agreesIf = (same: boolean): boolean | null => (forward.certain ? same : null);
  // Programs that connect their socket, as resolvers do, do not get it.
  if (probe.elsewhere !== undefined) return { verdict: 'unreachable', agrees: agreesIf(comes) };
  if (probe.arrival) {
    const came = arrived(probe.arrival.fate);
    // Somebody took it; whether an answer to that would come back is what the walk knows.
    if (came)
      return {
        verdict: believed === 'unreachable' && comes ? believed : 'reachable',
        agrees: agreesIf(comes),
      };
    return { verdict: 'unreachable', agrees: agreesIf(!comes) };
  }
  if (probe.icmp) return { verdict: 'unreachable', agrees: agreesIf(!comes) };
  return { verdict: believed, agrees: null };
}

const arrived = (fate: ArrivalFate): boolean => fate === 'taken' || fate === 'waiting';

/** A connection that a rule stops once it is open: the kernel accepts it, and what is sent by it never comes. */
export function judgeOpened(
  opening: Judgement,
  large: readonly LargePackets[],
  probe: RawProbe | null,
): Judgement {
  const cut = large.find(({ fate, certain }) => fate === 'cut' && certain);
  if (!cut) return opening;
  const step = cut.trace.hops.at(-1)?.steps.at(-1);
  // The refusal of the third packet may come before a program looks what became of its connection (SO_ERROR, sk_err_soft).
  const refused = step?.kind === 'filter' && step.verdict === 'reject' && cut.direction === 'forward';
  const tells = refused && (probe?.outcome === 'refused' || probe?.outcome === 'unreachable');
  return { verdict: 'unreachable', agrees: tells ? true : opening.agrees };
}

/**
 * Large packets beside small ones that pass: a black hole makes the answer `partial`. Probes of both sizes decide; where not even
 * small echo requests are answered, the walk does.
 */
export function judgeLarge(
  small: Judgement,
  large: readonly LargePackets[],
  probed: readonly ProbedSizes[],
): Judgement {
  if (small.verdict !== 'reachable') return small;
  const answers = large.map(({ direction, fate, certain }) => {
    const tried = probed.find((it) => it.direction === direction);
    const settled = tried !== undefined && tried.fate !== 'unclear';
    const lost = settled ? tried.fate === 'lost' : fate === 'lost' && certain;
    return { lost, differs: settled && certain && fate !== 'unclear' && lost !== (fate === 'lost') };
  });
  return {
    verdict: answers.some(({ lost }) => lost) ? 'partial' : small.verdict,
    agrees: answers.some(({ differs }) => differs) ? false : small.agrees,
  };
}

const reaches = (outcome: ProbeOutcome): boolean => outcome === 'reply';

function predicted(protocol: Protocol, forward: Trace, prediction: Prediction): WhyVerdict {
  if (
    protocol === 'udp' &&
    forward.disposition === 'delivered' &&
    !endsAtHeldPort(forward) &&
    forward.certain &&
    prediction.outcome === 'reply'
  )
    return 'reachable';
  if (!prediction.certain) return prediction.fails ? 'unreachable' : 'unknown';
  if (endsAtHeldPort(forward)) return 'unreachable';
  return reaches(prediction.outcome) ? 'reachable' : 'unreachable';
}

/**
 * Whether a probe said what was predicted. An error that was predicted may come too late for a probe (three ARP requests take
 * three seconds), or not at all (ICMP is limited in rate); and what accepted a connection may close it at once.
 */
export function same(predicted: ProbeOutcome, probed: ProbeOutcome): boolean {
  if (predicted === probed) return true;
  // Linux tells a program EHOSTUNREACH for both (icmp_err_convert of net/ipv4/icmp.c).
  const told: readonly ProbeOutcome[] = ['unreachable', 'prohibited'];
  if (told.includes(predicted)) return told.includes(probed) || probed === 'timeout';
  return predicted === 'reply' && probed === 'closed-early';
}

/** Of several addresses: all, none, some. */
export function overall(verdicts: readonly WhyVerdict[]): WhyVerdict {
  const [first] = verdicts;
  if (first === undefined) return 'unknown';
  if (verdicts.every((verdict) => verdict === first)) return first;
  if (verdicts.includes('reachable') || verdicts.includes('partial'))
    return verdicts.includes('unreachable') || verdicts.includes('partial') ? 'partial' : 'unknown';
  return 'unknown';
}

/** The exit status of `hoplab why`. */
export const exitStatus = (verdict: WhyVerdict): 0 | 1 | 2 => {
  switch (verdict) {
    case 'reachable':
      return 0;
    case 'unreachable':
    case 'partial':
      return 1;
    case 'unknown':
      return 2;
  }
};

/** The probe of the leg that tells most: one that failed, else the first. */
export function mostTelling(probes: readonly ProbeResult[]): ProbeResult {
  const none: ProbeResult = { outcome: 'not-run', agrees: null, milliseconds: null, detail: '' };
  return probes.find(({ outcome }) => !reaches(outcome) && outcome !== 'not-run') ?? probes[0] ?? none;
}
