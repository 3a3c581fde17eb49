import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diceFrom, type Dice } from '../../support/random/dice.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import type { Backend } from './arena/router-rules.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

/** Little programs in rules (`-m bpf --bytecode`): what they make of a packet is what the kernel makes of it. */
let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const BACKENDS: readonly (readonly [Backend, 4 | 6])[] = [
  ['iptables-nft', 4],
  ['legacy', 4],
  ['iptables-nft', 6],
  ['legacy', 6],
];

/** How many of the answers for all probes were certain; throws where the kernel answered otherwise. */
async function compare(backend: Backend, family: 4 | 6, rules: readonly string[]): Promise<number> {
  const lines = ['FORWARD', 'INPUT', 'OUTPUT'].flatMap((chain) => rules.map((rule) => `-A ${chain} ${rule}`));
  const text = ['*filter', ...lines, 'COMMIT', ''].join('\n');
  await arena.load(backend, family, text);
  return expectKernelAgrees(arena, makeProbes(family), text);
}

const PROBES = makeProbes(4).length;

describe.each(BACKENDS)('%s, IPv%i', (backend, family) => {
  const [protocolAt, sourceAt, header] = family === 4 ? [9, 12, 20] : [6, 8, 40];

  test.each<[string, string]>([
    ['all of TCP', `4,48 0 0 ${protocolAt},21 0 1 6,6 0 0 1,6 0 0 0`],
    ['what is for port 80', `4,40 0 0 ${header + 2},21 0 1 80,6 0 0 65535,6 0 0 0`],
    ['ports above 80, by a register and a jump', `5,1 0 0 80,40 0 0 ${header + 2},45 0 1 0,6 0 0 1,6 0 0 0`],
    ['what is larger than 50 bytes', '4,128 0 0 0,53 0 1 50,6 0 0 1,6 0 0 0'],
    [
      'a segment that opens a connection',
      `6,48 0 0 ${protocolAt},21 0 3 6,48 0 0 ${header + 13},69 0 1 2,6 0 0 1,6 0 0 0`,
    ],
    ['what is odd in its last bit of the source', `4,32 0 0 ${sourceAt},84 0 0 1,22 0 0 0,6 0 0 0`],
    [
      'what the network header is told to be',
      `4,40 0 0 4294963200,21 0 1 ${family === 4 ? 2048 : 34525},6 0 0 1,6 0 0 0`,
    ],
    ['the same bytes by their other place', `4,48 0 0 ${0xfff00000 + protocolAt},21 0 1 17,6 0 0 1,6 0 0 0`],
    ['bytes that are not there', '3,32 0 0 4000,6 0 0 1,6 0 0 1'],
  ])('throws away %s', async (_name, program) => {
    expect(await compare(backend, family, [`-m bpf --bytecode "${program}" -j DROP`])).toBe(PROBES);
  });

  test('a jump that hangs on what nobody can know is followed both ways', async () => {
    const checksum = header + 16;
    const rules = [`-p tcp -m bpf --bytecode "4,40 0 0 ${checksum},21 0 1 4660,6 0 0 1,6 0 0 0" -j DROP`];
    const certain = await compare(backend, family, rules);
    expect(certain).toBeGreaterThan(0);
    expect(certain).toBeLessThan(PROBES);
  });

  test('programs that nobody would write', async () => {
    const dice = diceFrom(family * (backend === 'legacy' ? 3 : 1));
    let certain = 0;
    for (let round = 0; round < ROUNDS; round++)
      certain += await compare(
        backend,
        family,
        [6, 17].map(
          (number) => `-p ${number} -m bpf --bytecode "${randomProgram(dice, header + 8)}" -j DROP`,
        ),
      );
    expect(certain).toBeGreaterThan(ROUNDS * 2);
  });
});

const ROUNDS = Number(process.env['HOPLAB_FUZZ_RUNS'] ?? 8);

/** The kernel takes a program whose jumps lead forward, and that reads no memory before it wrote there. */
function randomProgram(dice: Dice, bytes: number): string {
  const length = 4 + dice.int(12);
  const number = (): number => dice.pick([0, 1, 6, 17, 64, 80, 255, 0x0a010001, dice.int(0x10000)]);
  const program = Array.from({ length }, (_, at): readonly number[] => {
    const left = length - at;
    if (at === 0) return [0x20, 0, 0, dice.int(bytes)];
    switch (dice.int(5)) {
      case 0:
        return [dice.pick([0x20, 0x28, 0x30]), 0, 0, dice.int(bytes)];
      case 1:
        return dice.pick([
          [0x01, 0, 0, dice.int(8)],
          [0xb1, 0, 0, dice.int(8)],
          [0x07, 0, 0, 0],
          [0x87, 0, 0, 0],
          [0x80, 0, 0, 0],
          [0x48, 0, 0, dice.int(8)],
        ]);
      case 2:
        return dice.pick([
          [dice.pick([0x04, 0x14, 0x24, 0x44, 0x54, 0xa4]), 0, 0, number()],
          [dice.pick([0x64, 0x74]), 0, 0, dice.int(32)],
          [dice.pick([0x34, 0x94]), 0, 0, 1 + dice.int(9)],
          [dice.pick([0x0c, 0x1c, 0x2c, 0x4c, 0x5c, 0xac]), 0, 0, 0],
          [0x84, 0, 0, 0],
        ]);
      default: {
        const code = dice.pick([0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d]);
        return [code, dice.int(left), dice.int(left), number()];
      }
    }
  });
  const whole = [...program, [0x06, 0, 0, dice.int(2)], [0x16, 0, 0, 0]];
  return `${whole.length},${whole.map((one) => one.join(' ')).join(',')}`;
}
