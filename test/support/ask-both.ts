import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Protocol } from '../../diagnostics/model/flow.ts';
import { familyOf } from '../../diagnostics/model/ip.ts';
import { namespaceLabel, nameText } from '../../diagnostics/model/namespace.ts';
import { findNamespace, type Snapshot } from '../../diagnostics/model/snapshot.ts';
import type { Disposition, Trace } from '../../diagnostics/model/trace.ts';
import { predict, type Prediction } from '../../diagnostics/simulate/answer/predict.ts';
import { walkFlow, type RoundTrip } from '../../diagnostics/simulate/walk.ts';
import type { RawProbe } from '../../diagnostics/source.ts';

export interface Question {
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  readonly port?: number;
}

/** What the walk says of a flow in the live network, and what the kernel says. */
export interface Both {
  readonly trip: RoundTrip;
  readonly predicted: Prediction;
  readonly probed: RawProbe;
  readonly snapshot: Snapshot;
  /** How often facts had to be read. */
  readonly rounds: number;
}

/** In a hasty network an unresolved neighbour is given up well before; TCP hears of some ICMPv6 errors after a second only. */
const PATIENCE_MILLISECONDS = 1000;
const PATIENCE_TCP6_MILLISECONDS = 1400;
const MOST_ROUNDS = 20;

/** Reads what the walk asks for until it asks no more. */
export async function walkLive(
  question: Question,
): Promise<Pick<Both, 'trip' | 'snapshot' | 'rounds'> & { readonly probe: () => Promise<RawProbe> }> {
  const source = createLiveSource(openMachine());
  let snapshot = await source.discover();
  const namespace = snapshot.namespaces.find(({ names }) =>
    names.some((name) => nameText(name) === question.from),
  );
  if (!namespace) throw new Error(`no ${question.from}`);
  const flow = {
    namespace: namespace.id,
    destination: question.to,
    protocol: question.protocol,
    port: question.port ?? null,
  };
  for (let rounds = 0; ; rounds += 1) {
    const trip = walkFlow(snapshot, { from: 'namespace', ...flow });
    const missing = [trip.forward, trip.back, trip.notice].flatMap((trace) => trace?.missing ?? []);
    if (missing.length === 0 || rounds === MOST_ROUNDS)
      return {
        trip,
        snapshot,
        rounds,
        probe: () =>
          source.probe?.({
            namespace: flow.namespace,
            protocol: flow.protocol,
            address: flow.destination,
            port: flow.port,
            timeoutMilliseconds:
              familyOf(flow.destination) === 6 && flow.protocol === 'tcp'
                ? PATIENCE_TCP6_MILLISECONDS
                : PATIENCE_MILLISECONDS,
          }) ?? Promise.reject(new Error('a live source can probe')),
      };
    snapshot = await source.read(snapshot, missing);
  }
}

/** First the walk, so that the probe's own traces (neighbour entries) do not help it; then the kernel. */
export async function askBoth(question: Question): Promise<Both> {
  const { trip, snapshot, rounds, probe } = await walkLive(question);
  return { trip, snapshot, rounds, predicted: predict(trip), probed: await probe() };
}

/** `delivered at netns:blue`: how a trace ended, and where. */
export const endText = (snapshot: Snapshot, trace: Trace | null): string => {
  if (!trace) return 'nothing';
  const namespace = findNamespace(snapshot, trace.hops.at(-1)?.namespace ?? '');
  const where = namespace ? namespaceLabel(namespace).replace('netns:', '') : 'nowhere';
  return `${trace.disposition satisfies Disposition} at ${where}`;
};

/** A trace in a few lines, for the message of a failed comparison. */
export const traceText = ({ snapshot, trip, predicted, probed }: Both): string =>
  [
    `predicted ${predicted.outcome}, the kernel says ${probed.outcome} (${probed.detail})`,
    ...[trip.forward, trip.back, trip.notice].flatMap((trace) =>
      trace
        ? [
            `${endText(snapshot, trace)}${trace.certain ? '' : ` in doubt: ${trace.doubts.join('; ')}`}`,
            ...trace.hops.flatMap((hop) => [
              `  ${namespaceLabel(findNamespace(snapshot, hop.namespace) ?? snapshot.namespaces[0] ?? fail())} ${hop.inDev} → ${hop.outDev}`,
              ...hop.steps.map((step) => `    ${JSON.stringify(step)}`),
            ]),
          ]
        : [],
    ),
  ].join('\n');

const fail = (): never => {
  throw new Error('a snapshot has namespaces');
};
