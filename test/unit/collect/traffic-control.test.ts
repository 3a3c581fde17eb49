import { expect, test } from 'vitest';
import { parseAttachedPrograms } from '../../../diagnostics/collect/attached-programs.ts';
import { filterQuestions, parseTrafficControl } from '../../../diagnostics/collect/traffic-control.ts';
import { parseTcObjects } from '../../../diagnostics/collect/traffic-filters.ts';
import type { TrafficControl } from '../../../diagnostics/model/traffic-control.ts';

const objects = (text: string) => parseTcObjects(text) ?? [];

/** As `tc -j qdisc show` of iproute2 6.1 printed it on Linux 6.18. */
const SHARED_OUT = `[{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"refcnt":2,"options":{}},{"kind":"htb","handle":"1:","dev":"vb","root":true,"refcnt":3,"options":{"r2q":10,"default":"0x10","direct_packets_stat":0,"direct_qlen":1000}},{"kind":"pfifo","handle":"10:","dev":"vb","parent":"1:10","options":{"limit":0}},{"kind":"clsact","handle":"ffff:","dev":"vb","parent":"ffff:fff1","options":{}}]`;
const U32 = `[{"parent":"1:","protocol":"ip","pref":1,"kind":"u32","chain":0},{"parent":"1:","protocol":"ip","pref":1,"kind":"u32","chain":0,"options":{"fh":"800:","ht_divisor":1}},{"parent":"1:","protocol":"ip","pref":1,"kind":"u32","chain":0,"options":{"fh":"800::800","order":2048,"key_ht":"800","bkt":"0","flowid":"1:20","not_in_hw":true,"match":{"value":"50","mask":"ffff","offmask":"","off":20},"match":{"value":"60000","mask":"ff0000","offmask":"","off":8}}},{"parent":"1:","protocol":"ip","pref":2,"kind":"u32","chain":0,"options":{"fh":"801::800","order":2048,"key_ht":"801","bkt":"0","flowid":"1:20","not_in_hw":true,"match":{"value":"a000000","mask":"ff000000","offmask":"","off":12}}}]`;

/** Formats of q_netem.c, f_flower.c, f_matchall.c, f_bpf.c and m_gact.c of iproute2, for what the kernel here has not. */
const NETEM = `[{"kind":"netem","handle":"8001:","dev":"eth0","root":true,"refcnt":2,"options":{"limit":1000,"delay":{"delay":0.1,"jitter":0,"correlation":0},"loss-random":{"loss":0.3,"correlation":0},"ecn":false,"gap":0}}]`;
const FILTERS = `[{"protocol":"ip","pref":5,"kind":"flower","chain":0},{"protocol":"ip","pref":5,"kind":"flower","chain":0,"options":{"handle":1,"keys":{"eth_type":"ipv4","ip_proto":"tcp","dst_ip":"10.0.0.0/8","dst_port":80},"not_in_hw":true,"actions":[{"order":1,"kind":"gact","control_action":{"type":"drop"},"prob":{"random_type":"none","control_action":{"type":"pass"},"val":0},"index":1,"ref":1,"bind":1}]}},{"protocol":"all","pref":49152,"kind":"matchall","chain":0,"options":{"handle":1,"not_in_hw":true,"actions":[{"order":1,"kind":"gact","control_action":{"type":"drop"},"prob":{"random_type":"none","control_action":{"type":"pass"},"val":0},"index":2,"ref":1,"bind":1}]}},{"protocol":"all","pref":1,"kind":"bpf","chain":0,"options":{"handle":"0x1","bpf_name":"cil_from_netdev","direct-action":true,"not_in_hw":true,"prog":{"id":41,"name":"cil_from_netdev","tag":"a04f5eef06a7f555","jited":1}}}]`;

const only = (controls: readonly TrafficControl[]): TrafficControl => {
  const [first] = controls;
  if (!first || controls.length > 1) throw new Error('not one');
  return first;
};

test('interfaces with nothing but the queue that every interface has are left out', () => {
  const queues = objects(
    '[{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"refcnt":2,"options":{}},{"kind":"fq_codel","handle":"0:","dev":"eth0","root":true,"refcnt":2,"options":{"limit":10240}}]',
  );
  expect(filterQuestions(queues)).toEqual([]);
  expect(parseTrafficControl(queues, [])).toEqual([]);
});

test('filters are asked for where there may be some', () => {
  expect(filterQuestions(objects(SHARED_OUT))).toEqual([
    { dev: 'vb', at: null },
    { dev: 'vb', at: 'ingress' },
    { dev: 'vb', at: 'egress' },
  ]);
});

test('queues behind classes, and u32 filters with several conditions of one name', () => {
  const control = only(
    parseTrafficControl(objects(SHARED_OUT), [{ dev: 'vb', at: null, records: objects(U32) }]),
  );
  expect(control.queues).toEqual([
    { kind: 'htb', handle: '1:', parent: null, default: '1:10', words: null },
    { kind: 'pfifo', handle: '10:', parent: '1:10', limit: 0, words: 'pfifo limit 0' },
  ]);
  expect(control.filters?.map(({ at, action, classId, tests }) => ({ at, action, classId, tests }))).toEqual([
    {
      at: '1:',
      action: 'class',
      classId: '1:20',
      tests: [
        { type: 'bytes', offset: 20, value: 0x50, mask: 0xffff },
        { type: 'bytes', offset: 8, value: 0x60000, mask: 0xff0000 },
      ],
    },
    {
      at: '1:',
      action: 'class',
      classId: '1:20',
      tests: [{ type: 'field', field: 'source', address: '10.0.0.0', length: 8 }],
    },
  ]);
});

test('netem tells its losses (format of iproute2: the kernel here has no netem)', () => {
  const control = only(parseTrafficControl(objects(NETEM), []));
  expect(control.queues).toEqual([
    { kind: 'netem', handle: '8001:', parent: null, limit: 1000, loss: 0.3, words: null },
  ]);
});

test('flower, matchall and bpf (format of iproute2: the kernel here has none of these classifiers)', () => {
  const queues = objects(
    '[{"kind":"clsact","handle":"ffff:","dev":"eth0","parent":"ffff:fff1","options":{}}]',
  );
  const { filters } = only(
    parseTrafficControl(queues, [{ dev: 'eth0', at: 'ingress', records: objects(FILTERS) }]),
  );
  expect(filters?.map(({ kind, action, words, tests }) => ({ kind, action, words, tests }))).toEqual([
    { kind: 'bpf', action: 'unknown', words: null, tests: [{ type: 'unmodelled', text: 'bpf' }] },
    {
      kind: 'flower',
      action: 'drop',
      words: 'flower ip_proto tcp dst_ip 10.0.0.0/8 dst_port 80 action drop',
      tests: [
        { type: 'protocol', value: 6 },
        { type: 'field', field: 'destination', address: '10.0.0.0', length: 8 },
        { type: 'port', field: 'destinationPort', from: 80, to: 80 },
      ],
    },
    { kind: 'matchall', action: 'drop', words: 'matchall action drop', tests: [] },
  ]);
});

test('a damaged list of filters is not an empty one', () => {
  const queues = objects(
    '[{"kind":"clsact","handle":"ffff:","dev":"eth0","parent":"ffff:fff1","options":{}}]',
  );
  expect(
    parseTrafficControl(queues, [{ dev: 'eth0', at: 'ingress', records: parseTcObjects('[{"pro') }]),
  ).toEqual([{ dev: 'eth0', queues: [], filters: null }]);
});

/** As `bpftool -j net show` of bpftool 7 prints what Cilium attaches (net.c: __show_dev_tc_bpf()). */
const ATTACHED = `[{"xdp":[],"tc":[{"devname":"eth0","ifindex":2,"kind":"tcx/ingress","name":"cil_from_netdev","prog_id":41,"prog_flags":[],"link_id":7,"link_flags":[]},{"devname":"eth0","ifindex":2,"kind":"clsact/ingress","name":"cil_from_netdev","id":40},{"devname":"nk0","ifindex":5,"kind":"netkit/peer","name":"","prog_id":42}],"flow_dissector":[],"netfilter":[]}]`;

test('programs that are attached to a device by themselves are there, and nobody knows what they do', () => {
  const queues = objects(
    '[{"kind":"noqueue","handle":"0:","dev":"eth0","root":true,"refcnt":2,"options":{}},{"kind":"noqueue","handle":"0:","dev":"nk0","root":true,"refcnt":2,"options":{}},{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"refcnt":2,"options":{}}]',
  );
  const found = parseTrafficControl(queues, [], parseAttachedPrograms(ATTACHED));
  expect(
    found.map(({ dev, filters }) => [dev, filters?.map(({ at, action, words }) => [at, action, words])]),
  ).toEqual([
    ['eth0', [['ingress', 'unknown', 'cil_from_netdev, tcx/ingress']]],
    ['nk0', [['ingress', 'unknown', 'netkit/peer']]],
  ]);
  for (const damaged of ['', '{"error":"can\'t query prog: Operation not permitted"}', '[{"tc":5}]', '[7'])
    expect(parseAttachedPrograms(damaged).size).toBe(0);
});
