import { describe, expect, test } from 'vitest';
import type { Packet } from '../../../diagnostics/model/packet.ts';
import { decide } from '../../../diagnostics/simulate/link/openvswitch/decide.ts';
import { flowTables, splitList } from '../../../diagnostics/simulate/link/openvswitch/flow.ts';
import type { Seen } from '../../../diagnostics/simulate/link/openvswitch/match.ts';

const WEB: Packet = {
  ...{ family: 4, protocol: 'tcp', source: '10.0.0.2', destination: '10.0.0.3', sourcePort: 4321 },
  ...{ destinationPort: 80, tcpFlags: 'S', mark: 0, ttl: 64, size: 60, dontFragment: true },
};

const frame = (packet: Partial<Packet> = {}, more: Partial<Seen> = {}): Seen => ({
  port: { number: 1, name: 'vr' },
  source: '02:00:00:00:00:01',
  destination: '02:00:00:00:00:02',
  vlan: null,
  content: { type: 'ip', packet: { ...WEB, ...packet } },
  ...more,
});

/** What becomes of a frame: `dropped`, `unknown`, or where it is sent, with its tag. */
const fate = (flows: readonly string[], seen = frame()): string => {
  const decision = decide(flowTables(flows), seen);
  if (decision.type !== 'sent') return decision.type;
  return decision.outputs
    .map(({ to, vlan }) => `${to.type === 'port' ? to.port : to.type}${vlan === null ? '' : ` ${vlan}`}`)
    .join(', ');
};

describe('which flow decides', () => {
  test('the strongest that matches; the usual priority is not printed', () => {
    expect(fate(['priority=0 actions=NORMAL', 'tcp actions=drop'])).toBe('dropped');
    expect(fate(['priority=40000 actions=NORMAL', 'tcp actions=drop'])).toBe('normal');
  });
  test('none that matches drops', () => {
    expect(fate([])).toBe('dropped');
    expect(fate(['udp actions=NORMAL'])).toBe('dropped');
  });
  test('what goes beside is no condition', () => {
    expect(
      fate(['cookie=0x1, duration=3.2s, table=0, n_packets=9, n_bytes=99, idle_age=3, ip actions=NORMAL']),
    ).toBe('normal');
  });
  test('tables lead to tables, and a circle ends', () => {
    expect(
      fate(['actions=resubmit(,1)', 'table=1, tcp actions=goto_table:2', 'table=2, actions=output:7']),
    ).toBe('7');
    expect(fate(['actions=resubmit(,1)', 'table=1, actions=resubmit(,0)'])).toBe('unknown');
  });
});

describe('conditions', () => {
  const matches = (condition: string, seen = frame()): boolean =>
    fate([`${condition} actions=IN_PORT`], seen).startsWith('back');

  test.each([
    ['in_port=vr', 'in_port=vb'],
    ['in_port="vr"', 'in_port=2'],
    ['in_port=1', 'in_port=LOCAL'],
    ['dl_src=02:00:00:00:00:01', 'dl_src=02:00:00:00:00:07'],
    ['dl_dst=00:00:00:00:00:00/01:00:00:00:00:00', 'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00'],
    ['ip,nw_src=10.0.0.0/24', 'ip,nw_src=10.0.1.0/24'],
    ['ip,nw_dst=10.0.0.1/255.0.0.253', 'ip,nw_dst=10.0.0.2/255.0.0.2'.replace('.2/', '.0/')],
    ['tcp,tp_dst=80', 'tcp,tp_dst=81'],
    ['tcp,tp_dst=0x50/0xfff0', 'tcp,tp_dst=0x40/0xfff0'],
    ['dl_type=0x0800', 'dl_type=0x86dd'],
    ['ip,nw_proto=6', 'ip,nw_proto=17'],
    ['dl_vlan=0xffff', 'dl_vlan=10'],
    ['vlan_tci=0x0000', 'vlan_tci=0x1000/0x1000'],
    ['reg0=0', 'reg0=1'],
    ['ct_state=-trk', 'ct_state=+trk'],
    ['ip', 'arp'],
  ])('%s fits, and %s does not', (yes, no) => {
    expect(matches(yes), yes).toBe(true);
    expect(matches(no), no).toBe(false);
    expect(fate([`${no} actions=NORMAL`])).toBe('dropped');
  });

  test('of a tagged frame', () => {
    const tagged = frame({}, { vlan: 10 });
    expect(matches('dl_vlan=10', tagged)).toBe(true);
    expect(matches('vlan_tci=0x1000/0x1000', tagged)).toBe(true);
    expect(matches('dl_vlan=0xffff', tagged)).toBe(false);
  });
  test('of IPv6, which IPv4’s words do not mean', () => {
    const six = frame({ family: 6, source: 'fd00::2', destination: 'fd00::3' });
    expect(matches('tcp6,ipv6_dst=fd00::/64,tp_dst=80', six)).toBe(true);
    expect(matches('tcp,tp_dst=80', six)).toBe(false);
  });
  test('of ARP', () => {
    const question = frame(
      {},
      { content: { type: 'arp', operation: 1, sender: '10.0.0.2', target: '10.0.0.3' } },
    );
    expect(matches('arp,arp_tpa=10.0.0.3,arp_op=1', question)).toBe(true);
    expect(matches('arp,arp_spa=10.0.0.3', question)).toBe(false);
    expect(matches('ip', question)).toBe(false);
  });
  test('one that is not modelled leaves it open, where the others hold', () => {
    expect(fate(['conj_id=7,ip actions=drop', 'priority=0 actions=NORMAL'])).toBe('unknown');
    expect(fate(['conj_id=7,udp actions=drop', 'priority=0 actions=NORMAL'])).toBe('normal');
  });
});

describe('actions', () => {
  test.each([
    ['output:3', '3'],
    ['output:"veth-a b"', 'veth-a b'],
    ['LOCAL', 'LOCAL'],
    ['3', '3'],
    ['output:3,output:4', '3, 4'],
    ['FLOOD', 'all'],
    ['mod_vlan_vid:10,output:3', '3 10'],
    ['push_vlan:0x8100,set_field:4106->vlan_vid,output:3', '3 10'],
    ['output:3,strip_vlan,output:4', '3, 4'],
    ['drop', 'dropped'],
    ['ct(table=1)', 'unknown'],
    ['group:1', 'unknown'],
    ['mod_nw_dst:10.0.0.9,NORMAL', 'unknown'],
  ])('%s', (actions, expected) => {
    expect(fate([`priority=5 actions=${actions}`])).toBe(expected);
  });
  test('commas in parentheses and quotes part nothing', () => {
    expect(splitList('resubmit(,1),output:"a,b",learn(table=1,x(2,3))')).toEqual([
      'resubmit(,1)',
      'output:"a,b"',
      'learn(table=1,x(2,3))',
    ]);
  });
});
