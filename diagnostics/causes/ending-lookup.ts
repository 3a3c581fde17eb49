import type { Route } from '../model/route.ts';
import { lookupRoute } from '../simulate/route/route.ts';
import { openNamespace } from '../simulate/view.ts';
import type { WaySituation } from './situation.ts';

/** A route lookup that a way ended at, and what it found. */
export interface EndingLookup {
  /** null: nothing matched, or a policy rule itself refused. */
  readonly route: Route | null;
  /** The `ip rule` that led there, where it is not one of the three every machine has. */
  readonly rule: string | undefined;
  readonly destination: string;
  readonly source: string;
  /** The way of the packet itself, or the way back to its source, which a reverse path filter asks for. */
  readonly asked: 'way' | 'way-back';
}

/** The lookup that a way ended at; null where it ended otherwise, or where a reverse path filter found a way back. */
export function endingLookup(situation: WaySituation): EndingLookup | null {
  const { step, hop, snapshot, namespace, packet } = situation;
  if (step.kind === 'route') {
    const { route, rule, destination, source } = step;
    return { route, rule, destination, source, asked: 'way' };
  }
  if (step.kind !== 'source-check' || step.passed || step.reason === 'martian') return null;
  const opened = openNamespace(snapshot, namespace);
  if (opened.state === 'closed') return null;
  const onward = hop.steps.findLast((one) => one.kind === 'route');
  const local = onward?.kind !== 'route' || onward.route?.type !== 'unicast';
  const [back] = lookupRoute(opened.view, {
    family: packet.family,
    destination: step.source,
    source: packet.destination,
    inDev: local ? 'lo' : (onward.dev ?? 'lo'),
    outDev: null,
    within: step.dev,
    mark: 0,
    protocol: null,
    sourcePort: null,
    destinationPort: null,
  });
  if (!back || back.found) return null;
  return {
    route: back.route,
    rule: back.rule,
    destination: step.source,
    source: packet.destination,
    asked: 'way-back',
  };
}
