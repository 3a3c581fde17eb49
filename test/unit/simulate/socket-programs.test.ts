import { describe, expect, test } from 'vitest';
import { known } from '../../../diagnostics/model/fact.ts';
import { withFacts, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import type { SocketProgram } from '../../../diagnostics/model/socket-program.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const program = (more: Partial<SocketProgram>): SocketProgram => ({
  at: 'egress',
  id: 7,
  name: 'guard',
  type: 'cgroup_inet_egress',
  cgroup: '/sys/fs/cgroup/web.service',
  ...more,
});

/** red – blue; red's processes meet these programs, or the server of blue does. */
function pair(programs: readonly SocketProgram[], of: 'sender' | 'server'): Snapshot {
  const snapshot = sketchSnapshot({
    host: {},
    red: {
      links: ['eth0 10.0.0.1/24 -> blue/eth0'],
      ...(of === 'sender' ? { facts: { socketPrograms: known(programs) } } : {}),
    },
    blue: { links: ['eth0 10.0.0.2/24 -> red/eth0'], sockets: ['tcp 0.0.0.0:80', 'udp 0.0.0.0:80'] },
  });
  if (of === 'sender') return snapshot;
  return withFacts(snapshot, idOf('blue'), (facts) => ({
    ...facts,
    sockets:
      facts.sockets.state === 'known'
        ? known(facts.sockets.value.map((socket) => ({ ...socket, programs })))
        : facts.sockets,
  }));
}

/** The doubts there and back. */
function doubts(snapshot: Snapshot, protocol: 'tcp' | 'udp' | 'icmp' = 'tcp') {
  const { forward, back } = walkFlow(snapshot, {
    from: 'namespace',
    namespace: idOf('red'),
    protocol,
    destination: '10.0.0.2',
    port: protocol === 'icmp' ? null : 80,
  });
  expect(forward.disposition).toBe('delivered');
  expect(back?.disposition).toBe('delivered');
  expect(forward.certain).toBe(forward.doubts.length === 0);
  return { there: forward.doubts, back: back?.doubts ?? [] };
}

describe('eBPF programs of cgroups make an answer uncertain where they act', () => {
  test('of the sender: where it connects, before a route is looked up', () => {
    const connects = program({ at: 'call', family: 4, type: 'cgroup_inet4_connect' });
    expect(doubts(pair([connects], 'sender'))).toEqual({
      there: [
        'the eBPF program guard (cgroup_inet4_connect) of /sys/fs/cgroup/web.service may refuse what is sent in netns:red, or send it elsewhere: bpftool cgroup show /sys/fs/cgroup/web.service lists it',
      ],
      back: [],
    });
  });

  test('of the sender: what leaves, and what comes back for it', () => {
    const at = (side: 'egress' | 'ingress') => pair([program({ at: side })], 'sender');
    expect(doubts(at('egress'))).toMatchObject({ there: [expect.stringContaining('red')], back: [] });
    expect(doubts(at('ingress'))).toMatchObject({ there: [], back: [expect.stringContaining('red')] });
  });

  test('of the socket that is asked: what it is given, and what it answers', () => {
    const at = (side: 'egress' | 'ingress') => pair([program({ at: side })], 'server');
    expect(doubts(at('ingress'))).toMatchObject({ there: [expect.stringContaining('blue')], back: [] });
    expect(doubts(at('egress'))).toMatchObject({ there: [], back: [expect.stringContaining('blue')] });
  });

  test('what the kernel itself answers meets no program of the server', () => {
    expect(doubts(pair([program({})], 'server'), 'icmp')).toEqual({ there: [], back: [] });
  });

  test.each<[string, Partial<SocketProgram>, 'tcp' | 'udp']>([
    ['of the other family', { at: 'call', family: 6 }, 'tcp'],
    ['of datagrams, for a connection', { at: 'call', family: 4, protocol: 'udp' }, 'tcp'],
  ])('a program %s is no matter', (_name, more, protocol) => {
    expect(doubts(pair([program(more)], 'sender'), protocol).there).toEqual([]);
  });

  test('systemd’s own are told by their unit', () => {
    const [text] = doubts(pair([program({ name: 'sd_fw_egress' })], 'sender')).there;
    expect(text).toContain('systemctl show -p IPAddressAllow -p IPAddressDeny web.service');
  });
});
