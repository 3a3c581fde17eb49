import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildArena, type Arena } from './arena.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

/** The same rules on every hook that a probe can meet. */
const everywhere = (rules: string): string =>
  `table inet header {\n${['input', 'forward', 'output']
    .map((hook) => `  chain ${hook} { type filter hook ${hook} priority 0;\n${rules}\n  }`)
    .join('\n')}\n}`;

/** Rules about parts of a packet that no name of its own stands for in the model: the answer is certain all the same. */
test.each<[string, 4 | 6, string]>([
  ['a mask picks bits of an address', 4, 'ip saddr & 0.0.0.1 == 0.0.0.1 drop'],
  ['a mask, negated', 4, 'ip daddr & 0.0.0.3 != 0.0.0.2 udp dport 80 drop'],
  ['a mask and a set of what is left', 4, 'ip saddr & 0.0.0.3 { 0.0.0.1, 0.0.0.3 } drop'],
  ['bytes of the network header', 4, '@nh,96,32 0x0a010001 drop'],
  ['bits of the network header', 4, '@nh,0,4 4 tcp dport 80 drop'],
  ['bytes of the IPv6 header', 6, '@nh,160,32 1 drop\n@nh,160,32 3 drop'],
  ['the length of a datagram', 4, 'udp length 18 drop\nudp length > 18 accept'],
  ['what follows the IPv6 header', 6, 'ip6 length 18 drop'],
  ['an urgent pointer', 4, 'tcp urgptr 0 tcp dport 80 drop'],
  ['fields of protocols that the packet is not of', 4, 'ah spi 1 drop\nesp spi 1 drop\ncomp cpi 1 drop'],
  ['headers that the packet does not have', 6, 'mh type 1 drop\nhbh nexthdr 6 drop\nfrag id != 5 drop'],
  [
    'options that the packet does not have',
    4,
    'ip option rr exists drop\nip option lsrr missing udp dport 80 drop',
  ],
  ['what comes by the loopback is confirmed', 4, 'ct status confirmed drop'],
])('%s (IPv%i): %s', async (_name, family, rules) => {
  await arena.load('nft', family, everywhere(rules));
  const probes = makeProbes(family);
  expect(await expectKernelAgrees(arena, probes, rules)).toBe(probes.length);
});
