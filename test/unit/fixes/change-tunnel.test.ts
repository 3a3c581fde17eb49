import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { changeBy, stepsOf, undoOf } from '../../../diagnostics/fixes/registry.ts';
import type { ChangeTunnel } from '../../../diagnostics/fixes/actions/change-tunnel.ts';
import { linkNamed } from '../../../diagnostics/fixes/patch.ts';
import { pointToPoint, withListed } from '../../support/listed-links.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

/** A GRE tunnel with one key each way, as `ip -d -j link` prints it. */
const machine = (data: Readonly<Record<string, unknown>>): Snapshot =>
  withListed(sketchSnapshot({ n: { links: ['eth0 10.1.0.2/24', 't 10.9.0.1/24 dummy'] } }), {
    n: [pointToPoint('t', 'gre', { local: '10.1.0.2', ...data }, 1476)],
  });

const action = (to: Partial<ChangeTunnel>): ChangeTunnel => ({
  kind: 'change-tunnel',
  namespace: idOf('n'),
  dev: 't',
  ...to,
});

const lines = (steps: ReturnType<typeof stepsOf>): readonly string[] =>
  steps.map((step) => (step.kind === 'exec' ? step.argv.join(' ') : step.kind));

const KEYED = { remote: '10.2.0.2', ikey: '0.0.0.7', okey: '0.0.0.7' };

describe('change-tunnel', () => {
  test.each([
    [
      { remote: '10.2.0.3' },
      'ip link set dev t type gre remote 10.2.0.3',
      'ip link set dev t type gre remote 10.2.0.2',
    ],
    [
      { local: '10.1.0.3' },
      'ip link set dev t type gre local 10.1.0.3',
      'ip link set dev t type gre local 10.1.0.2',
    ],
    [
      { key: { sends: 8, takes: 8 } },
      'ip link set dev t type gre ikey 8 okey 8',
      'ip link set dev t type gre ikey 7 okey 7',
    ],
    [
      { key: { sends: null, takes: null } },
      'ip link set dev t type gre noikey nookey',
      'ip link set dev t type gre ikey 7 okey 7',
    ],
  ])('%j', (to, command, back) => {
    const before = machine(KEYED);
    expect(lines(stepsOf(action(to), before))).toEqual([command]);
    expect(lines(undoOf(action(to), before))).toEqual([back]);
    const after = linkNamed(changeBy(action(to), before), idOf('n'), 't')?.kind;
    const { key, ...ends } = to as Partial<ChangeTunnel>;
    expect(after).toMatchObject({ type: 'tunnel', kind: 'gre', ...ends });
    if (key) expect(after && 'id' in after ? after.id : undefined).toBe(key.sends ?? undefined);
  });

  test('a tunnel without a remote gets none back', () => {
    expect(lines(undoOf(action({ remote: '10.2.0.3' }), machine({ remote: 'any' })))).toEqual([
      'ip link set dev t type gre remote any',
    ]);
  });

  test('what is no tunnel is left alone', () => {
    const before = machine(KEYED);
    const other = { ...action({ remote: '10.2.0.3' }), dev: 'eth0' };
    expect([stepsOf(other, before), undoOf(other, before)]).toEqual([[], []]);
    expect(linkNamed(changeBy(other, before), idOf('n'), 'eth0')).toEqual(
      linkNamed(before, idOf('n'), 'eth0'),
    );
  });
});
