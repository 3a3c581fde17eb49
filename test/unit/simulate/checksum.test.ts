import { describe, expect, test } from 'vitest';
import { denied, known, unread, type Fact } from '../../../diagnostics/model/fact.ts';
import type { Offload } from '../../../diagnostics/model/offload.ts';
import type { OvsBridge } from '../../../diagnostics/model/openvswitch.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { walkFlow, type RoundTrip } from '../../../diagnostics/simulate/walk.ts';
import { ovsBridge, withSwitch } from '../../support/ovs-snapshot.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const LEFT: Fact<readonly Offload[]> = known([{ dev: 'eth0', checksums: [4, 6] }]);
const MADE: Fact<readonly Offload[]> = known([{ dev: 'eth0', checksums: [] }]);

/** red – br0 of the host – blue; Open vSwitch passes br0's frames, with its userspace datapath. */
const switched = (
  red: Fact<readonly Offload[]>,
  blue: Fact<readonly Offload[]>,
  bridge: Partial<OvsBridge> = {},
): Snapshot =>
  withSwitch(
    sketchSnapshot({
      host: {
        links: ['br0 bridge', 'vr master br0 -> red/eth0', 'vb master br0 -> blue/eth0'],
      },
      red: { links: ['eth0 10.0.0.2/24 -> host/vr'], facts: { offloads: red } },
      blue: {
        links: ['eth0 10.0.0.3/24 -> host/vb'],
        sockets: ['tcp 0.0.0.0:80', 'udp 0.0.0.0:53'],
        facts: { offloads: blue },
      },
    }),
    'host',
    ovsBridge(['priority=0 actions=NORMAL'], bridge),
  );

const go = (
  snapshot: Snapshot,
  more: { protocol?: 'tcp' | 'udp' | 'icmp'; port?: number; destination?: string } = {},
): RoundTrip =>
  walkFlow(snapshot, {
    from: 'namespace',
    namespace: idOf('red'),
    protocol: 'tcp',
    destination: '10.0.0.3',
    port: 80,
    ...more,
  });

const ends = ({ forward, back }: RoundTrip): readonly (string | undefined)[] => [
  forward.disposition,
  back?.disposition,
];

describe('a checksum that was left to a device, and that a program takes so', () => {
  test('the request is thrown away by whoever gets it, and the devices are named', () => {
    const { forward } = go(switched(LEFT, MADE));
    expect(forward.disposition).toBe('dropped');
    expect(forward.certain).toBe(true);
    expect(forward.hops.at(-1)?.steps.at(-1)).toEqual({
      kind: 'checksum',
      dev: 'eth0',
      by: { namespace: idOf('red'), dev: 'eth0' },
      at: { namespace: idOf('host'), dev: 'vr' },
    });
  });
  test('the answer is thrown away', () => {
    expect(ends(go(switched(MADE, LEFT)))).toEqual(['delivered', 'dropped']);
    expect(ends(go(switched(MADE, LEFT), { protocol: 'udp', port: 53 }))).toEqual(['delivered', 'dropped']);
  });
  test('pings have theirs made at once', () => {
    expect(ends(go(switched(LEFT, LEFT), { protocol: 'icmp' }))).toEqual(['delivered', 'delivered']);
  });
  test('where no device is left anything to do, all is well', () => {
    expect(ends(go(switched(MADE, MADE)))).toEqual(['delivered', 'delivered']);
  });
  test('a module of the kernel passes it on as kernels do', () => {
    expect(ends(go(switched(LEFT, LEFT, { userspace: false })))).toEqual(['delivered', 'delivered']);
  });
});

describe('what is not known', () => {
  test('is asked for where it matters only', () => {
    expect(go(switched(unread, MADE)).forward.missing).toEqual([
      { namespace: idOf('red'), fact: 'offloads' },
    ]);
    expect(go(switched(unread, unread), { protocol: 'icmp' }).forward.certain).toBe(true);
    expect(go(switched(unread, unread, { userspace: false })).forward.certain).toBe(true);
  });
  test('makes the answer uncertain where nobody can tell', () => {
    const { forward } = go(switched(denied('ethtool is not installed.'), MADE));
    expect(forward.disposition).toBe('delivered');
    expect(forward.certain).toBe(false);
    expect(forward.doubts).toEqual([expect.stringContaining('ethtool -k eth0')]);
  });
  test('so does a daemon that may finish checksums itself', () => {
    expect(go(switched(LEFT, LEFT, { offloads: true })).forward.certain).toBe(false);
    expect(go(switched(MADE, MADE, { offloads: true })).forward.certain).toBe(true);
  });
});
