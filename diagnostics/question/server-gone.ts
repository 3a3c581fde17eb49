import type { Diagnosis, Leg } from '../model/diagnosis.ts';
import type { Step } from '../model/trace.ts';
import type { Note } from './notes.ts';

type Delivery = Extract<Step, { kind: 'deliver' }>;

/**
 * Programs that listened when the kernel was asked, and that did not any more when it was asked again: one that takes a single
 * connection and ends has taken the probe's. A relay hides that, for the probe that comes to it is taken all the same.
 */
export function serversGone(before: Diagnosis, after: Diagnosis): readonly Note[] {
  return before.legs.flatMap((leg): readonly Note[] => {
    const was = deliveryOf(leg);
    if (!was?.accepted || !was.socket) return [];
    const now = after.legs.find((other) => isSame(leg, other));
    if (now === undefined || deliveryOf(now)?.accepted !== false) return [];
    const place = leg.forward.hops.at(-1)?.namespace ?? '';
    return [
      {
        type: 'server-gone',
        program: was.socket.process?.name ?? null,
        port: was.socket.port,
        namespace: before.namespaces[place]?.label ?? place,
      },
    ];
  });
}

const deliveryOf = ({ forward }: Leg): Delivery | null => {
  const step = forward.hops.at(-1)?.steps.at(-1);
  return step?.kind === 'deliver' ? step : null;
};

const isSame = (one: Leg, other: Leg): boolean =>
  one.kind === other.kind && JSON.stringify(one.flow) === JSON.stringify(other.flow);
