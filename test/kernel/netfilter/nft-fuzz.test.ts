import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';
import { nftRuleset } from './random-nft.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const RUNS = Number(process.env['HOPLAB_FUZZ_RUNS'] ?? 15);
const SEED = Number(process.env['HOPLAB_FUZZ_SEED'] ?? 1);

test.each([4, 6] as const)(
  'the kernel does with random nft rules of IPv%i what is predicted',
  { timeout: 900_000 },
  async (family) => {
    let decided = 0;
    await fc.assert(
      fc.asyncProperty(nftRuleset(family), async (text) => {
        await arena.load('nft', family, text);
        decided += await expectKernelAgrees(arena, makeProbes(family), text);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    expect(decided).toBeGreaterThan(RUNS);
  },
);
