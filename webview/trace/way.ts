import type { Diagnosis, Leg } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { NamespaceId } from '../../diagnostics/model/ids.ts';
import type { Hop, Step, Trace } from '../../diagnostics/model/trace.ts';

/** One namespace on the way, numbered through a leg: there first, then back. */
export interface NumberedHop {
  readonly number: number;
  readonly leg: number;
  readonly direction: 'there' | 'back';
  readonly hop: Hop;
  /** How a person calls the namespace; made safe to show. */
  readonly label: string;
  /** The packet ends here and should not. */
  readonly fails: boolean;
}

/** Ends that nothing is wrong with: the packet got to where we can follow it. */
const GOOD_ENDS: readonly Trace['disposition'][] = ['delivered', 'exits-machine'];

export const traceFails = (trace: Trace): boolean =>
  !GOOD_ENDS.includes(trace.disposition) && trace.disposition !== 'unknown';

/** The label of a namespace, with its host where that is not the machine itself. */
export function namespaceName(diagnosis: Diagnosis, id: NamespaceId): string {
  const found = diagnosis.namespaces[id];
  if (!found) return displayText(id);
  return displayText(found.host === 'machine' ? found.label : `${found.host}/${found.label}`);
}

/** The hops of a trace, numbered from `first`. */
export const numbered = (
  diagnosis: Diagnosis,
  leg: number,
  direction: NumberedHop['direction'],
  trace: Trace,
  first: number,
): readonly NumberedHop[] =>
  trace.hops.map((hop, index) => ({
    number: first + index,
    leg,
    direction,
    hop,
    label: namespaceName(diagnosis, hop.namespace),
    fails: index === trace.hops.length - 1 && traceFails(trace),
  }));

/** The hops of one leg in the order in which they happen. */
export function legHops(diagnosis: Diagnosis, leg: Leg, index: number): readonly NumberedHop[] {
  const there = numbered(diagnosis, index, 'there', leg.forward, 1);
  const back = leg.back ? numbered(diagnosis, index, 'back', leg.back, there.length + 1) : [];
  return [...there, ...back];
}

const devicesOfStep = (step: Step): readonly (string | null)[] => {
  switch (step.kind) {
    case 'receive':
    case 'transmit':
    case 'exit':
      return [step.dev];
    case 'bridge':
      return [step.inPort, step.bridge, step.outPort];
    case 'flow':
      return [step.inPort, step.bridge];
    case 'tunnel':
      return [step.dev];
    case 'macvlan':
    case 'send':
    case 'route':
    case 'filter':
    case 'translate':
    case 'neighbour':
    case 'forward':
    case 'source-check':
    case 'track':
    case 'zone':
    case 'ipsec':
    case 'traffic-control':
    case 'checksum':
    case 'ttl':
    case 'size':
    case 'deliver':
    case 'doubt':
      return [];
  }
};

/** The interfaces and bridges a packet passes in one namespace, in order, none twice in a row. */
export const devicesOfHop = (hop: Hop): readonly string[] => {
  const passed = hop.steps.flatMap(devicesOfStep);
  const enters = hop.steps.some(({ kind }) => kind === 'receive' || kind === 'bridge');
  const leaves = hop.steps.some(({ kind }) => kind === 'transmit' || kind === 'exit');
  const all = [enters ? null : hop.inDev, ...passed, leaves ? null : hop.outDev].filter(
    (dev) => dev !== null,
  );
  return all.filter((dev, index) => dev !== all[index - 1]);
};
