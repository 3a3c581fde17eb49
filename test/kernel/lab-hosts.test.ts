import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openLab, openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import type { Link } from '../../diagnostics/model/link.ts';
import { nameText, type Namespace } from '../../diagnostics/model/namespace.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { namespaceNamed, snapshotOf, value } from '../support/facts.ts';
import { startHost, type TestHost } from '../support/lab-hosts.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/**
 * Two lab hosts with the same names and the same interface numbers inside, joined by a bridge in the sandbox around them.
 */
let net: TestNetwork;
let hosts: readonly [TestHost, TestHost];
let machine: Machine;
let snapshot: Snapshot;

/** Networks of processes that another test file left to end by themselves. */
let others: ReadonlySet<number>;
beforeAll(async () => {
  const before = await createLiveSource(openMachine()).discover();
  others = new Set(before.namespaces.map(({ inode }) => inode));
  net = await buildNetwork();
  hosts = [await startHost('h1'), await startHost('h2')];
  await net.bridge('host/wire');
  for (const [number, host] of hosts.entries()) {
    await host.run('ip netns add red');
    await host.run('ip netns add blue');
    await host.run('ip link add name v netns red type veth peer name v netns blue');
    await host.run(`ip -n red addr add 10.0.${number}.1/24 dev v`);
    await host.run('ip link add name r type veth peer name eth0 netns red');
    await net.run('host', `ip link add name up${number} type veth peer name uplink netns ${host.root.pid}`);
    await net.run('host', `ip link set dev up${number} master wire up`);
    // A container's way: a PID namespace below the host's, and a network namespace without a name.
    await host.spawn([
      'unshare',
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      'echo ready; exec sleep infinity',
    ]);
    await host.run('ln -s /proc/1/ns/net /run/netns/self');
  }
  machine = openLab([...hosts.map(({ root }) => root), { id: 'outer', pid: null, engine: null }]);
  snapshot = await snapshotOf(createLiveSource(machine), ['links', 'resolver']);
});
afterAll(async () => {
  for (const host of hosts) await host[Symbol.asyncDispose]();
  await net.close();
});

const link = (namespace: Namespace, name: string): Link => {
  const found = value(namespace.facts.links).find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

test('each namespace belongs to the host that keeps it', () => {
  const names = (host: string, left: ReadonlySet<number> = new Set()): string[] =>
    snapshot.namespaces
      .filter(
        ({ host: keeper, inode, names: [first] }) =>
          keeper === host && (first?.type === 'host' || !left.has(inode)),
      )
      .map(({ names: [first] }) => (first ? nameText(first).replace(/^pid:\d+$/, 'pid') : ''))
      .toSorted();
  for (const host of ['h1', 'h2']) expect(names(host)).toEqual(['host', 'netns:blue', 'netns:red', 'pid']);
  expect(names('outer', others)).toEqual(['host']);
  // A name that is a link to a process of the host means that process, not ours of the same number.
  expect(namespaceNamed(snapshot, 'netns:self', 'h1').id).toBe(namespaceNamed(snapshot, 'host', 'h1').id);
});

test('PIDs are those that somebody on the host sees', async () => {
  for (const host of hosts) {
    const seen = await host.run(['ps', '-e', '-o', 'pid=,comm=']);
    const inner = snapshot.namespaces.find(
      (namespace) => namespace.host === host.root.id && namespace.names[0]?.type === 'pid',
    );
    const told = inner?.names.flatMap((name) => (name.type === 'pid' ? [`${name.pid} ${name.process}`] : []));
    expect(told).toHaveLength(2);
    const listed = seen.split('\n').map((line) => line.trim().split(/\s+/).join(' '));
    expect(listed).toEqual(expect.arrayContaining(told ?? []));
  }
});

test('other ends are right, in the host, across hosts, and where numbers and names coincide', () => {
  for (const host of ['h1', 'h2']) {
    const [red, blue, root] = ['netns:red', 'netns:blue', 'host'].map((name) =>
      namespaceNamed(snapshot, name, host),
    );
    if (!red || !blue || !root) throw new Error('namespaces are missing');
    expect(link(red, 'v').peer).toEqual({ namespace: blue.id, index: link(blue, 'v').index });
    expect(link(blue, 'v').peer).toEqual({ namespace: red.id, index: link(red, 'v').index });
    expect(link(root, 'r').peer).toEqual({ namespace: red.id, index: link(red, 'eth0').index });
    const outer = namespaceNamed(snapshot, 'host', 'outer');
    const port = link(outer, host === 'h1' ? 'up0' : 'up1');
    expect(link(root, 'uplink').peer).toEqual({ namespace: outer.id, index: port.index });
    expect(port.peer).toEqual({ namespace: root.id, index: link(root, 'uplink').index });
  }
});

test('commands run in the network of the place, or in the whole host', async () => {
  const red = namespaceNamed(snapshot, 'netns:red', 'h2');
  const inRed = await machine.run({ host: 'h2', namespace: red.id }, { argv: ['ip', '-br', '-4', 'addr'] });
  expect(inRed.stdout).toContain('10.0.1.1/24');
  const whole = await machine.run(
    { host: 'h1', namespace: null },
    { argv: ['ip', 'netns', 'list'], enter: 'host' },
  );
  expect(whole.stdout).toContain('blue');
  const none = await machine.run({ host: 'h1', namespace: 'h1/1' }, { argv: ['true'] });
  expect(none.problem).toBe('namespace-gone');
  const missing = await machine.run({ host: 'h1', namespace: null }, { argv: ['no-such-tool'] });
  expect(missing.problem).toBe('missing-tool');
  const late = await machine.run(
    { host: 'h1', namespace: null },
    { argv: ['sleep', '5'], timeoutMilliseconds: 100 },
  );
  expect(late.problem).toBe('timeout');
});
