import { labelIn } from '../causes/situation.ts';
import type { Diagnosis, ProbeResult, WhyVerdict } from '../model/diagnosis.ts';
import { notesOf } from './answer-notes.ts';
import { metBy, type Gathered } from './gathered.ts';
import { judgeWay, NOT_PROBED } from './judge-way.ts';
import { legsOf } from './legs.ts';
import { namespacesOf, noteText } from './notes.ts';
import { judgeFamilies } from './other-family.ts';
import { proxyCauses, throughProxy } from './proxy.ts';
import { seenTrip } from './seen.ts';
import { senderCauses } from './sender-causes.ts';
import { toCause } from './to-cause.ts';

/** The answer to a question: verdict, causes, legs and notes of what was found out about it. */
export function diagnosisOf(all: Gathered): Diagnosis {
  const { facts, flow, language, name, ways, explained } = all;
  const { target } = name;
  const { snapshot } = facts;
  const judged = ways.map((way, index) => judgeWay(snapshot, way, all.probes[index] ?? NOT_PROBED));
  const families = judgeFamilies(all.other, target.starts[0], ways, judged);
  const direct = target.situation ? 'unreachable' : families.verdict;
  // Who connects directly gets through, who obeys the proxy variable does not.
  const misled = all.proxied !== null && throughProxy(all.proxied) === false;
  const verdict = direct === 'reachable' && misled ? 'partial' : direct;
  const probe =
    target.situation?.type === 'name' ? unresolved(target.situation.said, name.asked) : families.probe;
  const shown = ways
    .map((way, index) => ({ ...way, trip: seenTrip(way.trip, all.probes[index]?.own?.outcome) }))
    .filter(families.shows);
  const legs = legsOf(snapshot, flow, shown, name.legs, all.proxied);
  const traces = legs.flatMap(({ forward, back, large = [] }) => [
    ...[forward, back],
    ...large.flatMap(({ trace, notice }) => [trace, notice]),
  ]);
  return {
    schema: 1,
    flow: {
      from: flow.fromText,
      to: flow.toText,
      protocol: flow.protocol,
      address: ways[0]?.start.destination ?? null,
      port: flow.port,
    },
    verdict,
    probe,
    causes:
      verdict === 'reachable' && probe.agrees !== false
        ? []
        : [
            ...causesOf(all, probe.agrees === false),
            // Where the walk tells why an answer comes from elsewhere, that is the cause.
            ...(explained.found.length > 0 && probe.agrees === true
              ? []
              : senderCauses(snapshot, flow, metBy(all), language)),
            ...(all.proxied
              ? proxyCauses(snapshot, flow, all.proxied, {
                  answersDirectly: direct === 'reachable',
                  language,
                })
              : []),
          ],
    legs,
    namespaces: namespacesOf(snapshot, traces, (id) => labelIn(snapshot, id)),
    notes: notesOf(
      all,
      judged,
      families,
      failed(verdict) && !misled && explained.found.length === 0 && metBy(all).length === 0,
    ).map((note) => noteText(note, language)),
    timings: {
      collect: Math.round(facts.collecting),
      simulate: Math.round(facts.computing),
      probe: Math.round(all.probeTime),
    },
  };
}

/** Where it cannot be told, the doubts say why. */
const failed = (verdict: WhyVerdict): boolean => verdict === 'unreachable' || verdict === 'partial';

const unresolved = (said: string, asked: boolean): ProbeResult => ({
  outcome: 'name-unresolved',
  agrees: asked ? true : null,
  milliseconds: null,
  detail: said,
});

function causesOf({ language, explained, proof }: Gathered, disagrees: boolean): Diagnosis['causes'] {
  const { found } = explained;
  return found.map((one, index) =>
    toCause(one, language, disagrees ? 'possible' : one.finding.certainty, (remedy, at) => ({
      proven: proof.isProven(index, remedy),
      otherFlows: proof.otherFlows?.(index, at) ?? null,
    })),
  );
}
