import type { Diagnosis, LargeWay, Leg } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { namespaceNodeId } from '../../diagnostics/model/topology-of.ts';
import { lostWays, WAY_WORDS } from '../../diagnostics/report/way-words.ts';
import type { Language } from '../messages.ts';
import { decisiveStep, stepText } from '../trace/step.ts';
import { devicesOfHop, legHops, namespaceName, traceFails, type NumberedHop } from '../trace/way.ts';
import { TRACE_WORDS } from '../trace/languages.ts';
import type { Graph } from './graph.ts';

/** A hop of the packet as the map shows it. */
export interface Station {
  readonly number: number;
  readonly direction: 'there' | 'back';
  readonly label: string;
  /** Nodes of the topology that the packet passes, in order; empty where the namespace is not on this map. */
  readonly nodes: readonly string[];
  /** Where the number is put. */
  readonly anchor: string | null;
  readonly fails: boolean;
  readonly text: string;
  readonly code: string | null;
}

export interface DrawnWay {
  readonly stations: readonly Station[];
  /** Why it ends where it ends: the cause's summary; null where nothing is wrong. */
  readonly reason: string | null;
  /** What became of the packet there, and of its answer. */
  readonly outcome: string;
  readonly from: string;
  readonly to: string;
}

function stationOf(one: NumberedHop, graph: Graph, language: Language): Station {
  const namespace = namespaceNodeId(one.hop.namespace);
  const inside = graph.childrenOf.get(namespace) ?? [];
  const devices = devicesOfHop(one.hop)
    .map((device) => inside.find(({ label }) => label === device)?.id)
    .filter((id) => id !== undefined);
  const known = graph.byId.has(namespace);
  const main = decisiveStep(one.hop.steps);
  const words = main ? stepText(main, language) : null;
  return {
    number: one.number,
    direction: one.direction,
    label: one.label,
    nodes: devices.length > 0 ? devices : known ? [namespace] : [],
    anchor: known ? namespace : null,
    fails: one.fails,
    text: words?.text ?? '',
    code: words?.code ?? null,
  };
}

const legFails = ({ forward, back }: Leg): boolean =>
  traceFails(forward) || (back !== null && traceFails(back));

/** Small packets pass both ways, and large ones are lost. */
const lostOf = (leg: Leg): LargeWay | undefined => (legFails(leg) ? undefined : lostWays(leg)[0]);

/** The leg as it is drawn: with the way of the large packets where they are lost. */
function drawnLeg(leg: Leg): Leg {
  const lost = lostOf(leg);
  if (!lost) return leg;
  return lost.direction === 'back'
    ? { ...leg, back: lost.trace }
    : { ...leg, forward: lost.trace, back: null };
}

/** The leg that explains the answer: the first that fails, else the first. */
const tellingLeg = (legs: readonly Leg[]): number =>
  Math.max(
    legs.findIndex((leg) => legFails(drawnLeg(leg))),
    0,
  );

/** The cause of the failing hop: the one in that namespace, else the first. */
function reasonOf(diagnosis: Diagnosis, failing: NumberedHop): string | null {
  const here = diagnosis.causes.find(
    ({ namespace, host }) =>
      failing.label === displayText(host === 'machine' ? namespace : `${host}/${namespace}`),
  );
  const cause = here ?? diagnosis.causes[0];
  return cause ? displayText(cause.summary) : null;
}

const outcomeOf = (leg: Leg, language: Language): string => {
  const { forward, back } = leg;
  const words = TRACE_WORDS[language];
  const lost = lostOf(leg);
  if (lost) return `${WAY_WORDS[language].large(lost)}: ${words.disposition[lost.trace.disposition]}`;
  const there = `${words.there}: ${words.disposition[forward.disposition]}`;
  return back ? `${there} · ${words.back}: ${words.disposition[back.disposition]}` : there;
};

/** What of a diagnosis the map draws: the telling leg's hops, there and back. */
export function drawnWay(diagnosis: Diagnosis, graph: Graph, language: Language): DrawnWay {
  const index = tellingLeg(diagnosis.legs);
  const leg = diagnosis.legs[index];
  const hops = leg ? legHops(diagnosis, drawnLeg(leg), index) : [];
  const failing = hops.find(({ fails }) => fails);
  return {
    stations: hops.map((hop) => stationOf(hop, graph, language)),
    reason: failing
      ? (reasonOf(diagnosis, failing) ?? namespaceName(diagnosis, failing.hop.namespace))
      : null,
    outcome: leg ? outcomeOf(leg, language) : '',
    from: displayText(diagnosis.flow.from),
    to: displayText(diagnosis.flow.to),
  };
}
