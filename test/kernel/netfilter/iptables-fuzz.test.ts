import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildArena, type Arena } from './arena/arena.ts';
import type { Backend } from './arena/router-rules.ts';
import { iptablesRuleset } from './random-iptables.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const RUNS = Number(process.env['HOPLAB_FUZZ_RUNS'] ?? 15);
const SEED = Number(process.env['HOPLAB_FUZZ_SEED'] ?? 1);

test.each<[Backend, 4 | 6]>([
  ['iptables-nft', 4],
  ['legacy', 4],
  ['iptables-nft', 6],
  ['legacy', 6],
])(
  'the kernel does with random %s rules of IPv%i what is predicted',
  { timeout: 900_000 },
  async (backend, family) => {
    let decided = 0;
    await fc.assert(
      fc.asyncProperty(iptablesRuleset(family), async (text) => {
        await arena.load(backend, family, text);
        decided += await expectKernelAgrees(arena, makeProbes(family), text);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    expect(decided).toBeGreaterThan(RUNS);
  },
);
