import type { Disposition, Trace } from '../model/trace.ts';
import { changeBy } from '../fixes/registry.ts';
import { walkFlow } from '../simulate/walk.ts';
import { ownersOf, type WaySituation } from './situation.ts';

/** Ends that a packet comes to because nobody there knows any more of its destination. */
const NOWHERE: ReadonlySet<Disposition> = new Set([
  'loop',
  'ttl-expired',
  'no-route',
  'blackhole',
  'prohibited',
]);

/**
 * A packet came to a machine that does not pass it on, and that would have nowhere to pass it on to: nobody in sight has the
 * address that it is for, so the machine is no router that was forgotten.
 */
export function isNobodys({ snapshot, namespace, step, packet, direction, start }: WaySituation): boolean {
  if (step.kind !== 'forward' || step.enabled || direction === 'back' || !start) return false;
  if (ownersOf(snapshot, packet.destination).length > 0) return false;
  const forwarding = [
    step.sysctl,
    packet.family === 6 ? 'net/ipv6/conf/all/forwarding' : 'net/ipv4/ip_forward',
  ];
  const { forward } = walkFlow(
    forwarding.reduce(
      (facts, key) => changeBy({ kind: 'write-sysctl', namespace, key, value: '1' }, facts),
      snapshot,
    ),
    start,
  );
  return NOWHERE.has(forward.disposition) || cameBack(forward);
}

/** The packet is back where it was before, and taken for a forged one there: from its own sender on a wire, or from the wrong side. */
const cameBack = ({ disposition, hops }: Trace): boolean =>
  disposition === 'filtered-source' &&
  hops.slice(0, -1).some(({ namespace }) => namespace === hops.at(-1)?.namespace);
