import { describe, expect, test } from 'vitest';
import type { Cause, Diagnosis, FixStep } from '../../../diagnostics/model/diagnosis.ts';
import { applyFixes } from '../../../diagnostics/question/apply.ts';

const step = (word: string): FixStep => ({
  kind: 'exec',
  host: 'machine',
  namespace: 'host',
  argv: [word],
});

const cause = (id: string, proven: boolean): Cause => ({
  id,
  host: 'machine',
  namespace: 'netns:red',
  certainty: 'certain',
  params: {},
  summary: id,
  explanation: id,
  evidence: [],
  fixes: [
    {
      title: `mend ${id}`,
      steps: [step(`mend-${id}`)],
      undo: [step(`undo-${id}`)],
      permanent: null,
      proven,
      sideEffects: [],
    },
  ],
});

/** Ends after so many namespaces; `back`: on the way back. */
interface End {
  readonly hops: number;
  readonly back?: true;
  readonly causes: readonly Cause[];
  readonly verdict?: Diagnosis['verdict'];
}

const trace = (hops: number, disposition: 'delivered' | 'dropped') => ({
  hops: Array.from({ length: hops }, (_, index) => ({ namespace: `machine/${index}` })),
  disposition,
  certain: true,
  doubts: [],
  missing: [],
});

const diagnosis = ({ hops, back, causes, verdict = 'unreachable' }: End): Diagnosis =>
  ({
    verdict,
    probe: { outcome: 'timeout', agrees: true, milliseconds: null, detail: '' },
    causes,
    legs: [
      {
        kind: 'direct',
        forward: back ? trace(3, 'delivered') : trace(hops, 'dropped'),
        back: back ? trace(hops, 'dropped') : null,
      },
    ],
  }) as unknown as Diagnosis;

/** What is run, and what came of it, where the question's answer after that is `after`. */
async function applied(before: End, after: End) {
  const ran: string[] = [];
  const { outcome, undo } = await applyFixes(diagnosis(before), {
    ask: async () => diagnosis(ran.length === 0 || ran.at(-1)?.startsWith('undo') ? before : after),
    run: async ({ argv }) => {
      ran.push(argv.join(' '));
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  });
  return { outcome, ran, undo: undo.map(({ argv }) => argv.join(' ')) };
}

describe('a fix that was not proven', () => {
  const before: End = { hops: 2, causes: [cause('no-route', false)] };

  test('is kept where something further away is in the way now', async () => {
    expect(await applied(before, { hops: 3, causes: [cause('filter-drop', true)] })).toEqual({
      outcome: 'further',
      ran: ['mend-no-route'],
      undo: ['undo-no-route'],
    });
  });

  test('is kept where it is the answer that is lost now', async () => {
    const after: End = { hops: 1, back: true, causes: [cause('no-return-route', true)] };
    expect((await applied(before, after)).outcome).toBe('further');
  });

  test('is taken back where the packet ends before it got to where it was', async () => {
    expect(await applied(before, { hops: 1, causes: [cause('no-carrier', true)] })).toEqual({
      outcome: 'undone',
      ran: ['mend-no-route', 'undo-no-route'],
      undo: [],
    });
  });

  test('is taken back where its cause is still there', async () => {
    expect((await applied(before, { ...before, hops: 3 })).outcome).toBe('undone');
  });

  test('is taken back where fewer ways arrive than before', async () => {
    const partly: End = { ...before, verdict: 'partial' };
    const after: End = { hops: 3, causes: [cause('filter-drop', true)] };
    expect((await applied(partly, after)).outcome).toBe('undone');
  });
});

test('a fix that was proven is given time to work', async () => {
  let asked = 0;
  const before = diagnosis({ hops: 2, causes: [cause('no-route', true)] });
  const { outcome } = await applyFixes(before, {
    ask: async (probe) => {
      if (!probe) return before;
      asked += 1;
      const passing = { hops: 2, causes: [cause('neighbour-unresolved', true)] };
      return diagnosis(asked < 3 ? passing : { hops: 3, causes: [], verdict: 'reachable' });
    },
    run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
  });
  expect([outcome, asked]).toEqual(['works', 3]);
});
