import { expect, test } from 'vitest';
import type { Machine, Place } from '../../../diagnostics/host/machine.ts';
import type { Visit } from '../../../diagnostics/host/native/visit.ts';
import { sharingVisits } from '../../../diagnostics/host/shared-visits.ts';
import { kernelThatSays } from '../../support/said-by-kernel.ts';

const visit: Visit = {
  calls: kernelThatSays([]),
  ask: () => {
    throw new Error('nothing is asked here');
  },
};

/** A machine that lets in everywhere but behind `closed`, and notes where it was. */
function noting(): { readonly machine: Pick<Machine, 'within'>; readonly visited: (string | null)[] } {
  const visited: (string | null)[] = [];
  return {
    visited,
    machine: {
      within: (place, work) => {
        visited.push(place.namespace);
        return Promise.resolve(place.namespace === 'closed' ? null : { value: work(visit) });
      },
    },
  };
}

const place = (namespace: string): Place => ({ host: 'machine', namespace });

test('what is asked of a place at one time is done in one visit, each with its own answer', async () => {
  const { machine, visited } = noting();
  const { within } = sharingVisits(machine);
  const answers = await Promise.all([
    within(place('red'), () => 1),
    within(place('blue'), () => 2),
    within(place('red'), (one) => one === visit),
    within(place('closed'), () => 4),
  ]);
  expect(answers).toEqual([{ value: 1 }, { value: 2 }, { value: true }, null]);
  expect(visited).toEqual(['red', 'blue', 'closed']);
});

test('what one of them throws is thrown to it alone', async () => {
  const { within } = sharingVisits(noting().machine);
  const [bad, good] = await Promise.allSettled([
    within(place('red'), () => {
      throw new Error('bad');
    }),
    within(place('red'), () => 'good'),
  ]);
  expect(bad).toMatchObject({ status: 'rejected', reason: new Error('bad') });
  expect(good).toMatchObject({ value: { value: 'good' } });
});

test('what is asked because of an answer is another visit, and done before all is said to be', async () => {
  const { machine, visited } = noting();
  const visits = sharingVisits(machine);
  const asked = visits.within(place('red'), () => 1).then(() => visits.within(place('blue'), () => 2));
  await visits.done();
  expect(visited).toEqual(['red', 'blue']);
  expect(await asked).toEqual({ value: 2 });
});

test('a visit that fails fails for all of them', async () => {
  const { within } = sharingVisits({ within: () => Promise.reject(new Error('gone')) });
  const [one, other] = await Promise.allSettled([
    within(place('red'), () => 1),
    within(place('red'), () => 2),
  ]);
  for (const answer of [one, other]) expect(answer).toMatchObject({ reason: new Error('gone') });
});
