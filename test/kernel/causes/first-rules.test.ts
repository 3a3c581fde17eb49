import { expect, test } from 'vitest';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair, routedPair6 } from '../../support/pairs.ts';

/** What every machine begins with is gone: the rules 0 and 32766, and routes of the table “local”. */
for (const family of [4, 6] as const) {
  const [ip, healthy, to] =
    family === 4
      ? (['ip', routedPair, '10.0.2.2:80'] as const)
      : (['ip -6', routedPair6, '[fd00:2::2]:80'] as const);
  const asked = { from: 'netns:red', to };
  // Only where a rule of IPv6 was added once does the kernel go by them, and nobody can see whether one was.
  const unsure = family === 6 ? ({ certainty: 'likely', agrees: null, live: true } as const) : {};

  for (const [table, pref, places] of [
    ['main', 32766, ['red', 'router', 'blue']],
    ['local', 0, ['red', 'blue']],
  ] as const)
    for (const where of places)
      testCause({
        fault: `no rule leads to the table ${table} in ${where} (IPv${family})`,
        healthy,
        breakIt: async (net) => {
          await net.run(where, `${ip} rule add pref 5 lookup 99`);
          await net.run(where, `${ip} rule del pref 5`);
          await net.run(where, `${ip} rule del pref ${pref}`);
        },
        ask: asked,
        causes: ['policy-route'],
        at: [`netns:${where}`],
        narrow: `pref ${pref} lookup ${table}`,
        ...unsure,
      });

  for (const [where, own] of [
    ['red', family === 4 ? '10.0.1.2' : 'fd00:1::2'],
    ['blue', family === 4 ? '10.0.2.2' : 'fd00:2::2'],
  ] as const)
    testCause({
      fault: `${where}’s own address is not in the local table (IPv${family})`,
      healthy,
      breakIt: async (net) =>
        void (await net.run(where, `${ip} route del local ${own} dev eth0 table local`)),
      ask: asked,
      causes: ['no-route'],
      at: [`netns:${where}`],
      narrow: `local ${own}`,
    });
}

test.each([0, 32766])(
  'rule %i of IPv6 is gone, where no rule was ever added: the kernel does without',
  async (pref) => {
    await using net = await buildNetwork();
    await routedPair6(net);
    for (const where of ['red', 'router', 'blue']) await net.run(where, `ip -6 rule del pref ${pref}`);
    const well = await ask({ from: 'netns:red', to: '[fd00:2::2]:80' });
    expect([well.verdict, well.probe.agrees, well.causes], brief(well)).toEqual(['reachable', null, []]);
  },
);
