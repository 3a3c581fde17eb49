import { describe, expect, test } from 'vitest';
import type { MatrixPair, ReachMatrix } from '../../../diagnostics/model/reach-matrix.ts';
import { matrixText } from '../../../diagnostics/report/matrix-text.ts';
import { columnsOf } from '../../../diagnostics/report/width.ts';

const HOSTILE = 'container:\u001b[31m\u202eeb`$(x)';

/** Everybody reaches everybody but `broken`, whose pairs fail for one reason. */
function matrixOf(names: readonly string[], broken: readonly string[] = []): ReachMatrix {
  const question = { protocol: 'tcp', port: 80 } as const;
  const pairs = names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .map((to): MatrixPair => {
        const fails = broken.includes(to) || broken.includes(from);
        return {
          from,
          to,
          ...question,
          verdict: fails ? 'unreachable' : 'reachable',
          address: '10.0.0.1',
          stop: fails
            ? { direction: 'forward', disposition: 'dropped', namespace: 'host', text: 'dropped by rule 1' }
            : null,
        };
      }),
  );
  return {
    schema: 1,
    questions: [question],
    ends: names.map((name) => ({ name, namespace: `machine/${name}`, host: 'machine', addresses: [] })),
    pairs,
    notes: [],
    timings: { collect: 0, simulate: 0 },
  };
}

const textOf = (matrix: ReachMatrix, columns = 80, colour = false): string =>
  matrixText(matrix, { language: 'en', colour, columns });

describe('a matrix as text', () => {
  test('is a grid with a sign for every pair, and a line for every reason', () => {
    expect(textOf(matrixOf(['a', 'b', 'c', 'd'], ['d']))).toBe(`Who reaches whom: tcp 80
      1  2  3  4
 1 a  ·  ✔  ✔  ✘
 2 b  ✔  ·  ✔  ✘
 3 c  ✔  ✔  ·  ✘
 4 d  ✘  ✘  ✘  ·
✔ reachable  ✘ not reachable  Rows send, columns are asked.

What stops it
  ✘ at host: dropped by rule 1
      a, b, c → d
      d → a, b, c
  Causes and fixes of one of them: hoplab why FROM TO
`);
  });

  test('sets a name apart from the Chinese words around it', () => {
    const options = { language: 'zh-cn', colour: false, columns: 80 } as const;
    expect(matrixText(matrixOf(['a', 'b', 'd'], ['d']), options)).toContain('✘ 在 host：');
  });

  test('of a hundred names is a list by sender, and keeps to the width', () => {
    const names = Array.from({ length: 100 }, (_, at) => `container:service-number-${at}`);
    const text = textOf(matrixOf(names, ['container:service-number-7']));
    expect(text).toContain('container:service-number-1\n  ✔ the other 98\n  ✘ container:service-number-7\n');
    expect(text).toContain('container:service-number-7\n  ✘ everybody\n');
    for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });

  test('shows names that would command a terminal, and obeys none', () => {
    for (const columns of [80, 40, 10]) {
      const text = textOf(matrixOf([HOSTILE, 'b', 'c'], [HOSTILE]), columns);
      expect(text).not.toMatch(/[\u001b\u202e]/);
      expect(text.replace(/\s/g, '')).toContain('\\u{202e}');
    }
  });

  test('says the same with colours', () => {
    const matrix = matrixOf(['a', 'b', 'c'], ['c']);

    expect(textOf(matrix, 80, true).replace(/\u001b\[\d+m/g, '')).toBe(textOf(matrix));
  });
});
