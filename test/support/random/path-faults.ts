import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import type { Hop, Trace } from '../../../diagnostics/model/trace.ts';
import type { Dice } from './dice.ts';
import type { DrawnNetwork } from './draw-network.ts';
import { endFaults } from './end-faults.ts';
import { filterFaults } from './filter-faults.ts';
import { words, type At, type PathFault } from './path-fault.ts';
import { stepFaults } from './step-faults.ts';

/** Every fault that this way suggests, there and back. */
export function pathFaults(
  drawn: DrawnNetwork,
  { legs, namespaces, flow }: Diagnosis,
  dice: Dice,
): readonly PathFault[] {
  const [leg] = legs;
  const nodeOf = (hop: Hop): string => (namespaces[hop.namespace]?.label ?? '').replace('netns:', '');
  const along = (trace: Trace | null, direction: 'forward' | 'back'): readonly PathFault[] =>
    (trace?.hops ?? []).flatMap((hop, at, hops) => {
      const before = hops[at - 1];
      const place: At = {
        drawn,
        dice,
        hop,
        direction,
        node: nodeOf(hop),
        previous: before ? nodeOf(before) : null,
        first: at === 0,
        last: at === hops.length - 1,
      };
      return [
        ...linkFaults(place),
        ...hop.steps.flatMap((step) => stepFaults(place, step)),
        ...filterFaults(place, flow.protocol),
        ...endFaults(place),
      ];
    });
  return [...along(leg?.forward ?? null, 'forward'), ...along(leg?.back ?? null, 'back')];
}

function linkFaults({ hop, node, drawn }: At): readonly PathFault[] {
  const real = drawn.wires.flatMap(({ a, b }) => [a, b]).filter((end) => end.node === node);
  return [hop.inDev, hop.outDev].flatMap((dev) =>
    dev !== null && real.some((end) => end.dev === dev)
      ? [
          {
            name: 'link down',
            node,
            commands: words(`ip link set ${dev} down`),
            accepts: [`interface-down ${node}`],
          },
        ]
      : [],
  );
}
