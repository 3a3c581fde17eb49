import { describe, expect, test } from 'vitest';
import { known } from '../../../diagnostics/model/fact.ts';
import type { Queue, TrafficControl, TrafficFilter } from '../../../diagnostics/model/traffic-control.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const filter = (more: Partial<TrafficFilter>): TrafficFilter => ({
  at: 'ingress',
  protocol: 'all',
  preference: 1,
  kind: 'matchall',
  tests: [],
  action: 'drop',
  words: null,
  ...more,
});

const queue = (more: Partial<Queue>): Queue => ({
  kind: 'pfifo',
  handle: '1:',
  parent: null,
  words: null,
  ...more,
});

/** red – blue, where blue's end of the wire has this. */
function pair(control: Omit<TrafficControl, 'dev'>, side: 'red' | 'blue' = 'blue'): Snapshot {
  const facts = { trafficControl: known([{ dev: 'eth0', ...control }]) };
  return sketchSnapshot({
    host: {},
    red: { links: ['eth0 10.0.0.1/24 -> blue/eth0'], ...(side === 'red' ? { facts } : {}) },
    blue: {
      links: ['eth0 10.0.0.2/24 -> red/eth0'],
      sockets: ['tcp 0.0.0.0:80', 'tcp 0.0.0.0:81'],
      ...(side === 'blue' ? { facts } : {}),
    },
  });
}

const go = (snapshot: Snapshot, port = 80) =>
  walkFlow(snapshot, {
    from: 'namespace',
    namespace: idOf('red'),
    protocol: 'tcp',
    destination: '10.0.0.2',
    port,
  }).forward;

/** Where the way ended, and whether that is certain. */
const end = (snapshot: Snapshot, port = 80): string => {
  const { disposition, certain } = go(snapshot, port);
  return `${certain ? 'certainly' : 'perhaps'} ${disposition}`;
};

const port80 = [
  { type: 'protocol', value: 6 },
  { type: 'port', field: 'destinationPort', from: 80, to: 80 },
] as const;

describe('filters (the kernel here has no action that drops: from how tc and net/sched say it)', () => {
  test('all that comes in is dropped, questions for neighbours too', () => {
    expect(end(pair({ queues: [], filters: [filter({})] }))).toBe('certainly dropped');
  });
  test('one port is dropped, another is not', () => {
    const snapshot = pair({
      queues: [],
      filters: [filter({ kind: 'flower', protocol: 'ip', tests: port80 })],
    });
    expect(end(snapshot)).toBe('certainly dropped');
    expect(end(snapshot, 81)).toBe('certainly delivered');
  });
  test('an earlier filter that lets it pass ends the search', () => {
    const filters = [filter({ preference: 1, action: 'pass' }), filter({ preference: 2 })];
    expect(end(pair({ queues: [], filters }))).toBe('certainly delivered');
  });
  test('a program may do anything, and is named', () => {
    const filters = [
      filter({ kind: 'bpf', action: 'unknown', tests: [{ type: 'unmodelled', text: 'bpf' }] }),
    ];
    const { certain, disposition, doubts } = go(pair({ queues: [], filters }));
    expect([certain, disposition]).toEqual([false, 'delivered']);
    expect(doubts.join()).toContain('tc -s filter show dev eth0 ingress');
  });
  test('bytes of the header are compared where they are known', () => {
    const bytes = (offset: number, value: number, mask: number) =>
      end(
        pair({
          queues: [],
          filters: [filter({ protocol: 'ip', tests: [{ type: 'bytes', offset, value, mask }] })],
        }),
      );
    expect(bytes(20, 80, 0xffff)).toBe('certainly dropped');
    expect(bytes(20, 81, 0xffff)).toBe('certainly delivered');
    expect(bytes(8, 0x060000, 0xff0000)).toBe('certainly dropped');
    // The identification is the kernel's own choice.
    expect(bytes(4, 0, 0xffff0000)).toBe('perhaps delivered');
  });
  test('what is given to another device may be lost, or come back', () => {
    const to = { dev: 'eth9', side: 'egress' } as const;
    const { certain, doubts } = go(pair({ queues: [], filters: [filter({ action: 'redirect', to })] }));
    expect(certain).toBe(false);
    expect(doubts.join()).toContain('redirects the packet to eth9');
  });
  test('filters that could not be read are a doubt', () => {
    expect(end(pair({ queues: [], filters: null }))).toBe('perhaps delivered');
  });
});

describe('queues', () => {
  const leaving = (...queues: readonly Queue[]) => end(pair({ queues, filters: [] }, 'red'));
  test('a queue without room takes nothing', () => {
    expect(leaving(queue({ limit: 0 }))).toBe('certainly dropped');
    expect(leaving(queue({ kind: 'blackhole' }))).toBe('certainly dropped');
    expect(leaving(queue({ limit: 100 }))).toBe('certainly delivered');
  });
  test('losses of netem: all, some, none', () => {
    expect(leaving(queue({ kind: 'netem', limit: 1000, loss: 1 }))).toBe('certainly dropped');
    expect(leaving(queue({ kind: 'netem', limit: 1000, loss: 0.1 }))).toBe('perhaps delivered');
    expect(leaving(queue({ kind: 'netem', limit: 1000, loss: null }))).toBe('perhaps delivered');
    expect(leaving(queue({ kind: 'netem', limit: 1000, loss: 0 }))).toBe('certainly delivered');
  });
  test('the class that nothing else is said of is taken', () => {
    const htb = queue({ kind: 'htb', default: '1:10' });
    expect(leaving(htb, queue({ handle: '10:', parent: '1:10', limit: 0 }))).toBe('certainly dropped');
    expect(leaving(htb, queue({ handle: '20:', parent: '1:20', limit: 0 }))).toBe('certainly delivered');
  });
  test('where it is not known which of several queues is taken, it is not certain', () => {
    const hfsc = queue({ kind: 'hfsc' });
    expect(leaving(hfsc, queue({ handle: '10:', parent: '1:10', limit: 0 }))).toBe('perhaps delivered');
  });
});

test('a program on the interface (XDP) may drop, and is named with what shows it', () => {
  const snapshot = pair({ queues: [], filters: [] });
  const withProgram: Snapshot = {
    ...snapshot,
    namespaces: snapshot.namespaces.map((namespace) =>
      namespace.id === idOf('blue') && namespace.facts.links.state === 'known'
        ? {
            ...namespace,
            facts: {
              ...namespace.facts,
              links: known(
                namespace.facts.links.value.map((link): Link =>
                  link.name === 'eth0' ? { ...link, programs: ['xdp'] } : link,
                ),
              ),
            },
          }
        : namespace,
    ),
  };
  const { certain, disposition, doubts } = go(withProgram);
  expect([certain, disposition]).toEqual([false, 'delivered']);
  expect(doubts.join()).toContain('bpftool net show dev eth0');
});

test('a program that nobody knows the doing of leaves it open, and is named', () => {
  const program = filter({ kind: 'program', action: 'unknown', words: 'cil_from_netdev, tcx/ingress' });
  const trace = go(pair({ queues: [], filters: [program] }));
  expect(trace).toMatchObject({ disposition: 'delivered', certain: false });
  expect(trace.doubts.join()).toMatch(
    /^a program \(cil_from_netdev, tcx\/ingress\) on eth0 of .* may drop the packet/,
  );
});
