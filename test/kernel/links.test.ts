import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Link } from '../../diagnostics/model/link.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { namespaceNamed, snapshotOf, value } from '../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
beforeAll(async () => void (net = await buildNetwork()));
afterAll(() => net.close());

const read = (): Promise<Snapshot> => snapshotOf(createLiveSource(openMachine()), ['links']);

const link = (snapshot: Snapshot, namespace: string, name: string): Link => {
  const found = value(namespaceNamed(snapshot, namespace).facts.links).find((one) => one.name === name);
  if (!found) throw new Error(`no ${name} in ${namespace}`);
  return found;
};

test('veth pairs lead to the right namespace also where their numbers coincide', async () => {
  await net.namespaces('a', 'b', 'c', 'd');
  const pid = await net.nameless();
  await net.wire('a/x', 'b/x');
  await net.wire('c/x', 'd/x');
  await net.wire('a/y', 'c/y');
  await net.wire('b/z', 'd/y');
  await net.wire('a/n', 'host/n');
  await net.run('host', `ip link set dev n netns ${pid}`);
  const snapshot = await read();
  const id = (name: string): string => namespaceNamed(snapshot, name).id;
  // The very case: both pairs have the same numbers at both ends.
  expect(link(snapshot, 'netns:a', 'x').index).toBe(link(snapshot, 'netns:c', 'x').index);
  expect(link(snapshot, 'netns:b', 'x').index).toBe(link(snapshot, 'netns:d', 'x').index);
  for (const [namespace, name, peer] of [
    ['netns:a', 'x', 'netns:b'],
    ['netns:b', 'x', 'netns:a'],
    ['netns:c', 'x', 'netns:d'],
    ['netns:d', 'x', 'netns:c'],
    ['netns:a', 'y', 'netns:c'],
    ['netns:d', 'y', 'netns:b'],
    ['netns:a', 'n', `pid:${pid}`],
    [`pid:${pid}`, 'n', 'netns:a'],
  ] as const) {
    const end = link(snapshot, namespace, name);
    expect(end.peer?.namespace, `${namespace} ${name}`).toBe(id(peer));
    const other = value(namespaceNamed(snapshot, peer).facts.links).find(
      (one) => one.index === end.peer?.index,
    );
    expect(other?.peer).toEqual({ namespace: id(namespace), index: end.index });
  }
});

test('both ends in one namespace, and an end whose namespace nobody sees', async () => {
  await net.namespaces('near', 'far');
  await net.run('near', 'ip link add p type veth peer name q');
  await net.wire('near/seen', 'far/lost');
  const before = await read();
  expect(link(before, 'netns:near', 'p').peer).toEqual({
    namespace: namespaceNamed(before, 'netns:near').id,
    index: link(before, 'netns:near', 'q').index,
  });
  await net.hide('far');
  const after = await read();
  const seen = link(after, 'netns:near', 'seen');
  expect(seen.peer?.namespace).toBeNull();
  expect(seen.peer?.index).toBe(link(before, 'netns:near', 'seen').peer?.index);
});

test('what each interface is, its address, state and master', async () => {
  await net.namespaces('kinds', 'other');
  await net.wire('kinds/eth0 10.1.0.2/24 fd01::2/64', 'other/eth0 10.1.0.1/24');
  await net.wire('kinds/p0', 'other/p1');
  await net.bridge('kinds/br0 10.2.0.1/16', 'p0');
  await net.run(
    'kinds',
    'ip link add vx type vxlan id 42 local 10.1.0.2 remote 10.1.0.1 dstport 4789 nolearning',
  );
  await net.run('kinds', 'ip link add mv link eth0 type macvlan mode bridge');
  await net.run('kinds', 'ip addr add 10.3.0.1 peer 10.3.0.2/32 dev eth0');
  await net.run('kinds', 'bridge link set dev p0 hairpin on isolated on');
  await net.run('kinds', 'ip link set mv netns other');
  const snapshot = await read();
  const eth0 = link(snapshot, 'netns:kinds', 'eth0');
  expect(eth0).toMatchObject({ kind: { type: 'veth' }, up: true, carrier: true, mtu: 1500 });
  expect(eth0.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  expect(eth0.addresses).toContainEqual(
    expect.objectContaining({ family: 4, address: '10.1.0.2', length: 24, scope: 'global' }),
  );
  expect(eth0.addresses).toContainEqual(expect.objectContaining({ address: '10.3.0.1', peer: '10.3.0.2' }));
  expect(eth0.addresses).toContainEqual(
    expect.objectContaining({ family: 6, address: 'fd01::2', length: 64 }),
  );
  expect(link(snapshot, 'netns:kinds', 'lo').kind).toEqual({ type: 'loopback' });
  const br0 = link(snapshot, 'netns:kinds', 'br0');
  expect(br0.kind).toEqual({ type: 'bridge', vlanFiltering: false, stp: false });
  expect(link(snapshot, 'netns:kinds', 'p0')).toMatchObject({
    master: br0.index,
    port: { state: 'forwarding', hairpin: true, isolated: true, learning: true, flood: true },
  });
  expect(link(snapshot, 'netns:kinds', 'vx').kind).toEqual({
    type: 'vxlan',
    id: 42,
    local: '10.1.0.2',
    remote: '10.1.0.1',
    port: 4789,
    learning: false,
    checksums: [4, 6],
  });
  const macvlan = link(snapshot, 'netns:other', 'mv');
  expect(macvlan.kind).toEqual({ type: 'macvlan', mode: 'bridge' });
  expect(macvlan.peer).toEqual({ namespace: namespaceNamed(snapshot, 'netns:kinds').id, index: eth0.index });
});

test('a namespace that vanished, or whose name now means another, is told and not mixed up', async () => {
  await net.namespaces('gone', 'swapped', 'stays');
  const source = createLiveSource(openMachine());
  const found = await source.discover();
  await net.rename('gone', null);
  await net.rename('swapped', null);
  await net.rename('stays', 'swapped');
  const missing = ['netns:gone', 'netns:swapped'].map((name) => ({
    namespace: namespaceNamed(found, name).id,
    fact: 'links' as const,
  }));
  const snapshot = await source.read(found, missing);
  for (const name of ['netns:gone', 'netns:swapped'])
    expect(namespaceNamed(snapshot, name).facts.links).toEqual({
      state: 'denied',
      reason: expect.stringContaining('gone') as unknown,
    });
});

test('among more than a hundred namespaces, ends lie in the host and in each other as well', async () => {
  const crowd = Array.from({ length: 100 }, (_, index) => `crowd${index}`);
  await net.namespaces(...crowd, 'left', 'right');
  await net.wire('left/direct', 'right/direct');
  await net.wire('left/up', 'host/down');
  const snapshot = await read();
  const ends = (
    [
      ['netns:left', 'direct', 'netns:right'],
      ['netns:right', 'direct', 'netns:left'],
      ['netns:left', 'up', 'host'],
      ['host', 'down', 'netns:left'],
    ] as const
  ).map(([from, name, to]) => [link(snapshot, from, name).peer?.namespace, namespaceNamed(snapshot, to).id]);
  for (const [found, expected] of ends) expect(found).toBe(expected);
});
