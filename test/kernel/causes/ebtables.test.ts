import { describe, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { buildNetwork } from '../../support/network.ts';
import { bridgedPair, bridgedPair6 } from '../../support/pairs.ts';

testCause({
  fault: 'a wire that is in no bridge, and a rule for frames where it is to go',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await disturb(net, 'host', ['ip link set vb nomaster']);
    await net.run('host', 'ebtables -A FORWARD -p IPv4 --ip-proto tcp --ip-dport 80 -j DROP');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['not-attached-to-bridge', 'filter-drop'],
  at: ['host', 'host'],
  narrow:
    'ebtables-nft -I FORWARD 1 -p IPv4 --ip-src 10.0.0.2 --ip-dst 10.0.0.3 --ip-proto tcp --ip-dport 80',
});

const FIXES = [
  ['a rule before it', 0, 2],
  ['without it', -1, 0],
] as const;

/** After the fix ebtables still lists its table and can save it; undone, the listing is what it was. */
describe.each(FIXES)('%s', (_fix, which, left) => {
  test.each([
    ['what is sent', bridgedPair, '10.0.0.3:80', '-p IPv4 --ip-proto tcp --ip-dport 80'],
    ['an answer', bridgedPair, '10.0.0.3:80', '-p IPv4 --ip-proto tcp --ip-sport 80'],
    ['what is sent by IPv6', bridgedPair6, '[fd00::3]:80', '-p IPv6 --ip6-proto tcp --ip6-dport 80'],
    ['an answer of IPv6', bridgedPair6, '[fd00::3]:80', '-i vb -p IPv6 --ip6-proto tcp'],
    ['what one sends', bridgedPair, '10.0.0.3:80', '-i vr -p IPv4 --ip-src 10.0.0.2 --ip-proto tcp'],
  ])('ebtables drops %s: the fix is one that it can list and save', async (_what, make, to, rule) => {
    await using net = await buildNetwork();
    await make(net);
    await net.run('host', `ebtables -A FORWARD ${rule} -j DROP`);
    const asked = { from: 'netns:red', to };
    const saved = async (): Promise<readonly string[]> =>
      (await net.run('host', 'ebtables-save')).split('\n').filter((line) => line.startsWith('-A'));
    const before = await saved();
    expect(before).toHaveLength(1);
    const broken = await ask(asked);
    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const fix = (which + (broken.causes[0]?.fixes.length ?? 0)) % (broken.causes[0]?.fixes.length ?? 1);
    const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run, fix });
    expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
    const after = await saved();
    expect(after).toHaveLength(left);
    expect(after.at(-1)).toBe(left === 0 ? undefined : before[0]);
    expect(await undoSteps(applied.undo, run)).toBeNull();
    expect(await saved()).toEqual(before);
  });
});
