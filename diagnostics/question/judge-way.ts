import type { ProbeOutcome, ProbeResult } from '../model/diagnosis.ts';
import { predict, type Prediction } from '../simulate/predict.ts';
import type { FlowStart } from '../simulate/start.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { RawProbe } from '../source.ts';
import type { RelayTrip } from './relay.ts';
import { judge, type Judgement } from './verdict.ts';

/** One address of TO: its way, and the connections of the relays that take it, one behind the other. */
export interface Way {
  readonly start: FlowStart;
  readonly trip: RoundTrip;
  readonly relays: readonly RelayTrip[];
}

/** What the kernel said: of the way itself, and of each relay's own connection; null where it was not asked. */
export interface WayProbes {
  readonly own: RawProbe | null;
  readonly relays: readonly (RawProbe | null)[];
}

export interface JudgedWay extends Judgement {
  readonly probe: ProbeResult;
  readonly prediction: Prediction;
}

export const NOT_PROBED: WayProbes = { own: null, relays: [] };

/** What a relay accepted is reached only where its own connection succeeds: that of the last relay decides. */
export function judgeWay({ trip, relays }: Way, probes: WayProbes): JudgedWay {
  const own = judgeLeg(trip, probes.own);
  for (const [index, { relay, trip: behind }] of relays.entries()) {
    if (!wasTaken(trip, own)) break;
    const raw = probes.relays[index] ?? null;
    const leg = judgeLeg(behind, raw);
    if (leg.verdict === 'reachable') continue;
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
            : `${relay.program} accepted the connection; its own one, to ${relay.start.destination}: ${raw.detail}`,
      },
    };
  }
  return own;
}

function judgeLeg(trip: RoundTrip, raw: RawProbe | null): JudgedWay {
  const prediction = predict(trip);
  const { protocol } = trip.start;
  const judgement = judge({ protocol, forward: trip.forward, prediction, probe: raw });
  const none: RawProbe = { outcome: 'not-run', milliseconds: null, detail: '' };
  return { ...judgement, prediction, probe: { ...(raw ?? none), agrees: judgement.agrees } };
}

/** Whether something took what was sent, as far as can be told: silence on UDP does not say. */
const wasTaken = ({ start, forward }: RoundTrip, { verdict }: Judgement): boolean =>
  verdict === 'reachable' || (start.protocol === 'udp' && forward.disposition === 'delivered');
