import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { LabFault } from '../format/lab-schema.ts';
import type { NodeStatus } from './protocol.ts';

/** Whether a diagnosis names a fault's cause, at its place, and nothing else. */
export function namesFault(
  { causes }: Diagnosis,
  fault: Pick<LabFault, 'cause' | 'where'>,
  nodes: readonly NodeStatus[],
): boolean {
  const [cause] = causes;
  return causes.length === 1 && cause?.id === fault.cause && placeOf(fault, nodes).endsWith(cause.namespace);
}

/** Where a fault is, as a question names it. */
export const placeOf = ({ where }: Pick<LabFault, 'where'>, nodes: readonly NodeStatus[]): string =>
  nodes.find((node) => node.name === where)?.endpoint ?? where;

/** What a diagnosis found, in a few words for who compares it with what should be found. */
export const namedCauses = ({ causes }: Diagnosis): string =>
  causes.length === 0 ? 'no cause' : causes.map((cause) => `${cause.id} at ${cause.namespace}`).join(', ');
