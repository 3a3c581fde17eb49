import { groupBy } from '../model/remember.ts';
import type { Inside, Machine, Place } from './machine.ts';
import type { Visit } from './native/visit.ts';

interface Waiting {
  readonly place: Place;
  /** Does the work, and tells how to hand out what came of it. */
  readonly work: (visit: Visit) => () => void;
  readonly nothing: () => void;
  readonly reject: (error: unknown) => void;
}

/** Nothing else of this process happens during a visit: after so long it is given a turn. */
const TURN_MILLISECONDS = 20;

export interface SharedVisits extends Pick<Machine, 'within'> {
  /** When nobody waits for a visit. */
  done(): Promise<void>;
}

/** The same way in, where all that is asked of a namespace at one time is done in one visit. */
export function sharingVisits(machine: Pick<Machine, 'within'>): SharedVisits {
  let waiting: Waiting[] = [];
  let round: Promise<void> | null = null;

  async function visitAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await visitAsked();
    round = null;
  }

  async function visitAsked(): Promise<void> {
    const places = groupBy(waiting, ({ place }) => placeKey(place));
    waiting = [];
    let turn = performance.now();
    for (const group of places.values()) {
      await visitOnce(machine, group);
      if (performance.now() - turn < TURN_MILLISECONDS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turn = performance.now();
    }
  }

  const within = <T>(place: Place, work: Inside<T>): Promise<{ readonly value: T } | null> =>
    new Promise<{ readonly value: T } | null>((resolve, reject) => {
      const keep = (visit: Visit): (() => void) => {
        try {
          const value = work(visit);
          return () => resolve({ value });
        } catch (error) {
          return () => reject(error as Error);
        }
      };
      waiting.push({ place, work: keep, nothing: () => resolve(null), reject });
      round ??= visitAll();
    });

  return { within, done: () => round ?? Promise.resolve() };
}

/** The same for the same place. */
export const placeKey = ({ host, namespace }: Place): string => `${host}\0${namespace ?? ''}`;

async function visitOnce(machine: Pick<Machine, 'within'>, group: readonly Waiting[]): Promise<void> {
  const [first] = group;
  if (!first) return;
  try {
    const visited = await machine.within(first.place, (visit) => group.map(({ work }) => work(visit)));
    if (visited === null) for (const { nothing } of group) nothing();
    else for (const handOut of visited.value) handOut();
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
