import type { ProbedSizes, ProbeOutcome, ProbeResult } from '../model/diagnosis.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { LargePackets } from '../simulate/answer/large.ts';
import { predict, type Prediction } from '../simulate/answer/predict.ts';
import type { FlowStart } from '../simulate/start.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { RawProbe } from '../source.ts';
import type { Chance } from './chance-ways.ts';
import { namedProbe, type NamedProbe } from './probe-words.ts';
import type { RelayTrip } from './relay.ts';
import { judge, judgeLarge, judgeOpened, type Judgement } from './verdict.ts';

/** One address of TO: its way, and the connections of the relays that take it, one behind the other. */
export interface Way {
  readonly start: FlowStart;
  readonly trip: RoundTrip;
  readonly relays: readonly RelayTrip[];
  /** Large packets, of the way itself and then of each relay's; empty where not even small ones pass. */
  readonly large: readonly (readonly LargePackets[])[];
  /** Absent where nothing is left to chance. */
  readonly chance?: Chance;
}

/** What the kernel said: of the way itself, and of each relay's own connection; null where it was not asked. */
export interface WayProbes {
  readonly own: RawProbe | null;
  readonly relays: readonly (RawProbe | null)[];
  /** Large packets, in the order of `Way.large`. */
  readonly sizes: readonly (readonly ProbedSizes[])[];
  /** What came of each probe, where chance decides and several were made. */
  readonly tries?: readonly ProbeOutcome[];
}

export interface JudgedWay extends Judgement {
  readonly probe: ProbeResult;
  readonly prediction: Prediction;
}

/** Where the kernel was not asked. */
export const NOT_PROBED: WayProbes = { own: null, relays: [], sizes: [] };

/** What a relay accepted is reached only where its own connection succeeds: that of the last relay decides. */
export function judgeWay(snapshot: Snapshot, { trip, relays, large }: Way, probes: WayProbes): JudgedWay {
  const own = judgeLeg(snapshot, trip, probes.own, large[0], probes.sizes[0]);
  for (const [index, { relay, trip: behind }] of relays.entries()) {
    if (!wasTaken(trip, own)) break;
    const raw = probes.relays[index] ?? null;
    const leg = judgeLeg(snapshot, behind, raw, large[index + 1], probes.sizes[index + 1]);
    if (leg.verdict === 'reachable') continue;
    if (leg.verdict === 'partial') return { ...leg, probe: { ...own.probe, ...sizesOf(leg.probe) } };
    // Silence behind a relay keeps its client waiting; an error there makes it hang up.
    const told = (outcome: ProbeOutcome): ProbeOutcome =>
      outcome === 'timeout' ? 'timeout' : 'closed-early';
    const outcome = raw === null || raw.outcome === 'not-run' ? own.probe.outcome : told(raw.outcome);
    const agrees = own.agrees === false ? false : leg.agrees;
    return {
      verdict: leg.verdict,
      agrees,
      prediction: { ...leg.prediction, outcome: told(leg.prediction.outcome) },
      probe: {
        ...own.probe,
        outcome: probes.own === null ? 'not-run' : outcome,
        agrees,
        detail:
          raw === null || raw.outcome === 'not-run'
            ? own.probe.detail
            : `${relay.program} accepted the connection; its own one, to ${relay.start.destination}: ${leg.probe.detail}`,
      },
    };
  }
  return own;
}

const sizesOf = ({ sizes }: ProbeResult): Pick<ProbeResult, 'sizes'> => (sizes ? { sizes } : {});

export function judgeLeg(
  snapshot: Snapshot,
  trip: RoundTrip,
  raw: RawProbe | null,
  large: readonly LargePackets[] = [],
  sizes: readonly ProbedSizes[] = [],
): JudgedWay {
  const prediction = predict(trip);
  const { protocol } = trip.start;
  const small = judge({ protocol, forward: trip.forward, prediction, probe: raw });
  const judgement = judgeOpened(judgeLarge(small, large, sizes), large, raw);
  const named: NamedProbe = raw
    ? namedProbe(snapshot, trip, raw)
    : { outcome: 'not-run', milliseconds: null, detail: '' };
  const probe: ProbeResult = { ...named, agrees: judgement.agrees };
  return { ...judgement, prediction, probe: sizes.length === 0 ? probe : { ...probe, sizes } };
}

/** Whether something took what was sent, as far as can be told: silence on UDP does not say. */
const wasTaken = ({ start, forward }: RoundTrip, { verdict }: Judgement): boolean =>
  verdict === 'reachable' || (start.protocol === 'udp' && forward.disposition === 'delivered');
