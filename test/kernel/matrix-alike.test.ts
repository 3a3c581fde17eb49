import { describe, expect, test } from 'vitest';
import { labelIn } from '../../diagnostics/causes/situation.ts';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { snapshotSource } from '../../diagnostics/collect/snapshot-file.ts';
import { takeSnapshot } from '../../diagnostics/collect/take-snapshot.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { MatrixQuestion } from '../../diagnostics/model/reach-matrix.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { alikeEnds } from '../../diagnostics/question/alike/alike-ends.ts';
import { matrixEnds } from '../../diagnostics/question/matrix-ends.ts';
import { askPair } from '../../diagnostics/question/matrix-pair.ts';
import { reachMatrix } from '../../diagnostics/reach-matrix.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import { diceFrom } from '../support/random/dice.ts';
import { drawNetwork } from '../support/random/draw-network.ts';
import { makeNetwork } from '../support/random/make-network.ts';

const QUESTIONS: readonly MatrixQuestion[] = [
  { protocol: 'icmp', port: null },
  ...[22, 80, 443].map((port) => ({ protocol: 'tcp', port }) as const),
  { protocol: 'udp', port: 53 },
  { protocol: 'icmp', port: null, family: 6 },
  { protocol: 'tcp', port: 80, family: 6 },
];

/** Every pair walked by itself, in the matrix's own order. */
function oneByOne(snapshot: Snapshot) {
  const ends = matrixEnds(snapshot);
  return QUESTIONS.flatMap((question) =>
    ends.flatMap((from) =>
      ends.flatMap((to) =>
        from === to
          ? []
          : [
              {
                from: from.name,
                to: to.name,
                ...question,
                ...askPair(snapshot, from.namespace, to.namespace, question).result('en', (id) =>
                  labelIn(snapshot, id),
                ),
              },
            ],
      ),
    ),
  );
}

/** The matrix is what comes of walking each pair; how many kinds of ends there were. */
async function compare(): Promise<{ readonly ends: number; readonly kinds: number }> {
  const snapshot = await takeSnapshot(createLiveSource(openMachine()));
  const { pairs } = await reachMatrix(snapshotSource(snapshot), QUESTIONS, { language: 'en' });
  expect(pairs).toEqual(oneByOne(snapshot));
  const ends = matrixEnds(snapshot);
  const kinds = new Set(alikeEnds(snapshot, ends, QUESTIONS).map(({ kind }) => kind));
  return { ends: ends.length, kinds: kinds.size };
}

const LEAVES = 12;

interface Leaf {
  readonly name: string;
  readonly port: string;
  readonly address: string;
  /** Another one. */
  readonly other: string;
}

type Oddity = (net: TestNetwork, leaf: Leaf) => Promise<unknown>;

const inside =
  (command: (leaf: Leaf) => string): Oddity =>
  (net, leaf) =>
    net.run(leaf.name, command(leaf));
const onHost =
  (command: (leaf: Leaf) => string): Oddity =>
  (net, leaf) =>
    net.run('host', command(leaf));

/** What makes some containers different from others; several get the same. */
const ODDITIES: readonly Oddity[] = [
  (net, { name }) => net.listen(name, { protocol: 'tcp', port: 80 }),
  (net, { name }) => net.listen(name, { protocol: 'udp', port: 53 }),
  (net, { name, address }) => net.listen(name, { protocol: 'tcp', port: 443, address }),
  (net, { name }) => net.listen(name, { protocol: 'tcp', port: 22, address: '127.0.0.1' }),
  inside(() => 'iptables -A INPUT -p tcp --dport 80 -j DROP'),
  inside(({ other }) => `iptables -A INPUT -s ${other} -j REJECT`),
  inside(({ address }) => `iptables -A OUTPUT -s ${address} -p udp -j DROP`),
  inside(() => 'iptables -t nat -A PREROUTING -p tcp --dport 443 -j REDIRECT --to-ports 80'),
  inside(() => 'ip route del default'),
  inside(() => 'ip link set eth0 down'),
  inside(({ other }) => `ip neigh replace ${other} lladdr 02:00:00:00:00:99 dev eth0`),
  inside(() => 'sysctl -qw net.ipv4.conf.eth0.arp_ignore=8'),
  inside(() => 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1'),
  inside(() => 'ip address add 10.9.9.9/32 dev eth0'),
  onHost(({ port }) => `bridge link set dev ${port} isolated on`),
  onHost(({ port }) => `bridge link set dev ${port} learning off flood off`),
  onHost(({ port }) => `ip link set ${port} down`),
  onHost(({ port }) => `ip link set ${port} mtu 1000`),
  onHost(({ address }) => `iptables -I FORWARD -d ${address} -p tcp --dport 22 -j REJECT`),
  onHost(({ address }) => `iptables -t nat -A PREROUTING -p tcp --dport 8080 -j DNAT --to ${address}:80`),
  onHost(
    ({ address, port }) =>
      `ip neigh replace ${address} lladdr 02:00:00:00:00:98 dev ${port.slice(0, 1) === 'a' ? 'br0' : 'br1'}`,
  ),
  onHost(({ address }) => `ip route add blackhole ${address}/32`),
  onHost(({ address }) => `ip rule add from ${address} prohibit`),
];

/** Two bridges with containers behind a host that forwards, as Docker has them; some of them odd. */
async function makeContainers(net: TestNetwork, seed: number): Promise<void> {
  const dice = diceFrom(seed);
  const leaves = ['a', 'b'].flatMap((side, at) =>
    Array.from({ length: LEAVES }, (_, index): Leaf => {
      const address = (host: number): string => `10.${at + 1}.0.${host + 2}`;
      return {
        name: `${side}${index}x`,
        port: `${side}p${index}`,
        address: address(index),
        other: address((index + 1) % LEAVES),
      };
    }),
  );
  await net.namespaces(...leaves.map(({ name }) => name));
  for (const { name, port, address } of leaves) await net.wire(`host/${port}`, `${name}/eth0 ${address}/24`);
  for (const [at, side] of ['a', 'b'].entries()) {
    const ports = leaves.flatMap(({ port }) => (port.startsWith(side) ? [port] : []));
    await net.bridge(`host/br${at} 10.${at + 1}.0.1/24`, ...ports);
  }
  for (const { name, address } of leaves)
    await net.run(name, `ip route add default via ${address.replace(/\d+$/, '1')}`);
  await net.run('host', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('host', 'iptables -A FORWARD -i br0 -o br1 -p tcp --dport 443 -j DROP');
  await net.run('host', 'iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o br1 -j MASQUERADE');
  for (let round = 0; round < 3; round += 1) {
    const oddity = dice.pick(ODDITIES);
    for (const leaf of leaves)
      // Of two, each might be refused by the kernel.
      if (dice.chance(0.3)) await oddity(net, leaf).catch(() => undefined);
  }
}

const SEEDS = Array.from(
  { length: Number(process.env['RANDOM_COUNT'] ?? 3) },
  (_, at) => Number(process.env['RANDOM_SEED'] ?? 1) + at,
);

describe('a matrix that walks one pair of each kind says what walking every pair says', () => {
  test.each(SEEDS)('containers on two bridges, some of them odd: network %i', async (seed) => {
    await using net = await buildNetwork();
    await makeContainers(net, seed);
    await compare();
  });

  test.each(SEEDS)('routers and leaves as they come: network %i', async (seed) => {
    await using net = await buildNetwork();
    await makeNetwork(net, drawNetwork(seed));
    await compare();
  });

  test('an asker chooses among its IPv6 addresses by the bits of whom it asks', async () => {
    await using net = await buildNetwork();
    const hosts = ['2', '3', '4', '8002', '8003', '8004'];
    await net.namespaces(...hosts.map((host) => `c${host}x`));
    for (const host of hosts) {
      await net.wire(`host/p${host}`, `c${host}x/eth0 fd00::${host}/64`);
      await net.run(`c${host}x`, 'ip6tables -A INPUT -s fd00::8001 -j DROP');
    }
    await net.bridge('host/br0 fd00::1/128 fd00::8001/128', ...hosts.map((host) => `p${host}`));
    await net.run('host', 'ip -6 route add fd00::/64 dev br0');
    // Whoever has spoken is known to the bridge and the host; by themselves some speak sooner than others.
    for (const host of hosts) await net.run(`c${host}x`, 'ping -c 1 -W 1 fd00::1');
    const { ends, kinds } = await compare();
    expect(kinds).toBeLessThan(ends - 1);
  });

  test('each with a name server of its own on ports that were drawn', async () => {
    await using net = await buildNetwork();
    const names = Array.from({ length: 6 }, (_, at) => `c${at}x`);
    await net.namespaces(...names);
    for (const [at, name] of names.entries())
      await net.wire(`host/p${at}`, `${name}/eth0 10.1.0.${at + 2}/24`);
    await net.bridge('host/br0 10.1.0.1/24', ...names.map((_, at) => `p${at}`));
    for (const [at, name] of names.entries()) {
      const port = 41_000 + 37 * at;
      await net.listen(name, { protocol: 'tcp', port, address: '127.0.0.11' });
      await net.listen(name, { protocol: 'tcp', port: 80 });
      await net.run(name, [
        ...'iptables -t nat -A OUTPUT -d 127.0.0.11/32 -p tcp --dport 53 -j DNAT --to-destination'.split(' '),
        `127.0.0.11:${port}`,
      ]);
    }
    // Whoever has spoken is known to the bridge and the host.
    for (const name of names) await net.run(name, 'ping -c 1 -W 1 10.1.0.1');
    const { ends, kinds } = await compare();
    expect(kinds).toBeLessThan(ends - 1);
  });
});
