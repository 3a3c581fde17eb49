import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAMILIES } from './arena/addresses.ts';
import { buildArena, type Arena } from './arena/arena.ts';
import type { Backend } from './arena/router-rules.ts';
import { expectKernelAgrees, makeProbes } from './compare.ts';

/** Rulesets laid out as common firewalls write theirs: the kernel does with each what is predicted, and nothing is left out. */
let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

/** Placeholders of the layouts that serve both families. */
function written(file: string, family: 4 | 6): string {
  const plan = FAMILIES[family];
  return (
    readFileSync(join(import.meta.dirname, 'layouts', file), 'utf8')
      .replaceAll('LEFTNET', family === 4 ? '10.1.0.0/24' : 'fd01::/64')
      .replaceAll('LEFT1', plan.left[1])
      .replaceAll('LEFT2', plan.left[2])
      .replaceAll('RIGHT0', plan.right[0])
      .replaceAll('FAM ', `${family} `)
      .replaceAll('--mask 255.255.255.255', family === 4 ? '--mask 255.255.255.255' : '')
      // A probe is found again by its source port.
      .replaceAll(/ --random-fully| fully-random/g, '')
      .replaceAll(
        '-p ICMP -m ICMPTYPES',
        family === 4 ? '-p icmp -m icmp --icmp-type' : '-p ipv6-icmp -m icmp6 --icmpv6-type',
      )
  );
}

/** What depends on chance and history is named in the layout, and nothing else is uncertain. */
const BY_CHANCE = /-m (?:statistic|limit|hashlimit|recent) |numgen/;

test.each<[string, Backend, 4 | 6]>([
  ['firewalld.nft', 'nft', 4],
  ['firewalld.nft', 'nft', 6],
  ['ufw.rules', 'iptables-nft', 4],
  ['ufw.rules', 'legacy', 4],
  ['ufw.rules', 'iptables-nft', 6],
  ['kube-proxy.rules', 'iptables-nft', 4],
  ['kube-proxy.rules', 'legacy', 4],
  ['kube-proxy.nft', 'nft', 4],
  ['fail2ban.nft', 'nft', 4],
  ['fail2ban.nft', 'nft', 6],
  ['shorewall.rules', 'iptables-nft', 4],
  ['shorewall.rules', 'legacy', 4],
  ['docker.nft', 'nft', 4],
])('%s (%s, IPv%i)', async (file, backend, family) => {
  const text = written(file, family);
  await arena.load(backend, family, text);
  const { tables } = await arena.ruleset();
  const guessed = tables
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .filter(
      ({ parts, text: rule }) => !BY_CHANCE.test(rule) && parts.some(({ type }) => type === 'unmodelled'),
    );
  expect(guessed.map(({ text: rule }) => rule)).toEqual([]);
  const certain = await expectKernelAgrees(arena, [...makeProbes(family), ...makeProbes(family)], text);
  expect(certain).toBeGreaterThan(0);
});
