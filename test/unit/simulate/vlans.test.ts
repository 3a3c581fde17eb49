import { describe, expect, test } from 'vitest';
import { explainWay } from '../../../diagnostics/question/explain.ts';
import { changeBy, stepsOf, undoOf } from '../../../diagnostics/fixes/registry.ts';
import type { FixStep } from '../../../diagnostics/model/diagnosis.ts';
import { valueOr } from '../../../diagnostics/model/fact.ts';
import type { Flow } from '../../../diagnostics/model/flow.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import type { FlowStart } from '../../../diagnostics/simulate/start.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const start: FlowStart = {
  from: 'namespace',
  namespace: idOf('red'),
  destination: '10.0.0.3',
  protocol: 'icmp',
  port: null,
};

const flow: Flow = {
  fromText: 'red',
  toText: '10.0.0.3',
  from: { type: 'namespace', host: 'machine', namespace: idOf('red') },
  to: { type: 'address', address: '10.0.0.3' },
  protocol: 'icmp',
  port: null,
};

const linksOf = (snapshot: Snapshot): readonly Link[] =>
  valueOr(snapshot.namespaces.find(({ id }) => id === idOf('host'))?.facts.links ?? { state: 'absent' }, []);

/** red and blue on a VLAN-aware bridge, their ports in these VLANs (`u`: without a tag). */
const bridged = (red: string, blue: string, more: readonly string[] = []): Snapshot =>
  sketchSnapshot({
    host: {
      links: [
        'br0 bridge vlan-aware vlans 1u',
        `vr master br0 vlans ${red} -> red/eth0`,
        `vb master br0 vlans ${blue} -> blue/eth0`,
        ...more,
      ],
    },
    red: { links: ['eth0 10.0.0.2/24 -> host/vr'] },
    blue: { links: ['eth0 10.0.0.3/24 -> host/vb'] },
  });

const ends = (snapshot: Snapshot): string => {
  const { forward, back } = walkFlow(snapshot, start);
  return `${forward.disposition} ${back?.disposition ?? '-'}`;
};

describe('a bridge that looks at VLANs (the kernel of the tests has none)', () => {
  test.each([
    ['one VLAN, without tags', bridged('10u', '10u'), 'delivered delivered'],
    ['two VLANs', bridged('10u', '20u'), 'filtered-source -'],
    ['no VLAN for frames without a tag', bridged('10', '10u'), 'filtered-source -'],
  ])('%s', (_what, snapshot, expected) => {
    expect(ends(snapshot)).toBe(expected);
  });

  test('a tagged frame from a VLAN device meets an untagged port of its VLAN', () => {
    const snapshot = sketchSnapshot({
      host: {
        links: [
          'br0 bridge vlan-aware vlans 1u',
          'vr master br0 vlans 1u,10 -> red/eth0',
          'vb master br0 vlans 10u -> blue/eth0',
        ],
      },
      red: { links: ['eth0 -> host/vr', 'eth0.10 10.0.0.2/24 vlan 10 -> red/eth0'] },
      blue: { links: ['eth0 10.0.0.3/24 -> host/vb'] },
    });
    expect(ends(snapshot)).toBe('delivered delivered');
  });
});

describe('VLAN devices without a bridge', () => {
  const wired = (red: number, blue: number): Snapshot =>
    sketchSnapshot({
      host: {},
      red: { links: ['eth0 -> blue/eth0', `eth0.1 10.0.0.2/24 vlan ${red} -> red/eth0`] },
      blue: { links: ['eth0 -> red/eth0', `eth0.1 10.0.0.3/24 vlan ${blue} -> blue/eth0`] },
    });

  test('of one number meet, of two do not', () => {
    expect(ends(wired(10, 10))).toBe('delivered delivered');
    expect(ends(wired(10, 20))).toBe('neighbour-unresolved -');
  });
});

describe('vlan-mismatch (the kernel of the tests has no VLAN-aware bridge)', () => {
  const causes = (snapshot: Snapshot) => explainWay(snapshot, flow, start);

  test('two ports in different VLANs: the cause, at the bridge, with a fix that is proven', () => {
    const { found, arrives } = causes(bridged('10u', '20u'));
    expect(found.map(({ finding }) => finding.id)).toEqual(['vlan-mismatch']);
    expect(found[0]?.finding.place).toEqual({ namespace: idOf('host') });
    expect(found[0]?.finding.params).toMatchObject({ inPort: 'vr', outPort: 'vb' });
    expect(arrives).toBe(true);
  });

  test('its fix gives the port another PVID, and the undo the one that it had', () => {
    const broken = bridged('10u', '20u');
    const [first] = causes(broken).found;
    const [action] = first?.remedies[0]?.actions ?? [];
    if (!action) throw new Error('no remedy');
    const said = (steps: readonly FixStep[]): readonly string[] => steps.map(({ argv }) => argv.join(' '));
    expect(said(stepsOf(action, broken))).toEqual(['bridge vlan add vid 10 dev vb pvid untagged']);
    expect(said(undoOf(action, broken))).toEqual([
      'bridge vlan del vid 10 dev vb',
      'bridge vlan add vid 20 dev vb pvid untagged',
    ]);
    // VLAN 20 stays, without being the PVID any more (__vlan_add_pvid() of net/bridge/br_vlan.c).
    const vlans = linksOf(changeBy(action, broken)).find(({ name }) => name === 'vb')?.vlans;
    expect(vlans).toEqual([
      { id: 20, pvid: false, untagged: true },
      { id: 10, pvid: true, untagged: true },
    ]);
  });

  test('a port without a VLAN for untagged frames', () => {
    const { found, arrives } = causes(bridged('10', '10u'));
    expect(found.map(({ finding }) => finding.id)).toEqual(['vlan-mismatch']);
    expect(arrives).toBe(true);
  });

  test('its healthy twin has no cause', () => {
    expect(causes(bridged('10u', '10u'))).toMatchObject({ found: [], arrives: true });
  });
});
