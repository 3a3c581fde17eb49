import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBothWays, type BothWays } from '../../support/both-ways.ts';
import { namespaceNamed, value } from '../../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
let read: BothWays;
const NAMES = ['empty', 'bare', 'native', 'iptables', 'legacy', 'frames', 'shaped', 'filtered'] as const;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces(...NAMES);
  await net.wire('empty/eth0', 'shaped/eth0');
  await net.wire('native/eth0', 'filtered/eth0');
  await net.run('bare', 'nft add table ip filter');
  for (const family of ['ip', 'ip6', 'inet', 'arp', 'bridge'])
    await net.run(
      'native',
      `nft add table ${family} own; add chain ${family} own some; add rule ${family} own some drop`.split(
        ' ',
      ),
    );
  await net.run(
    'native',
    'nft add table netdev own; add chain netdev own in { type filter hook ingress device eth0 priority 0; }'.split(
      ' ',
    ),
  );
  await net.run('iptables', 'iptables-nft -A INPUT -p tcp --dport 81 -m comment --comment x -j DROP');
  await net.run('iptables', 'ip6tables-nft -t nat -A PREROUTING -j ACCEPT');
  await net.run('legacy', 'iptables-legacy -A INPUT -p tcp --dport 82 -j DROP');
  await net.run('frames', 'ebtables-nft -A FORWARD -p ARP -j DROP');
  await net.run('shaped', 'tc qdisc add dev eth0 root tbf rate 1mbit burst 10kb limit 10kb');
  await net.run('filtered', 'tc qdisc add dev eth0 clsact');
  await net.run('filtered', 'tc filter add dev eth0 ingress protocol all u32 match u32 0 0 classid 1:1');
  read = await readBothWays(['ruleset', 'trafficControl']);
});
afterAll(() => net.close());

test.each(NAMES)('rules and queues of %s are the same, whoever looked whether there are any', (name) => {
  const own = namespaceNamed(read.itself, `netns:${name}`).facts;
  const other = namespaceNamed(read.commands, `netns:${name}`).facts;
  expect(value(own.ruleset)).toEqual(value(other.ruleset));
  expect(value(own.trafficControl)).toEqual(value(other.trafficControl));
});

test('what is there is found', () => {
  const facts = (name: (typeof NAMES)[number]) => namespaceNamed(read.itself, `netns:${name}`).facts;
  const families = value(facts('native').ruleset).tables.map(({ family }) => family);
  expect(families.toSorted()).toEqual(['arp', 'bridge', 'inet', 'ip', 'ip6', 'netdev']);
  expect(value(facts('bare').ruleset).tables).toEqual([]);
  expect(value(facts('iptables').ruleset).tables.map(({ backend }) => backend)).toContain('iptables-nft');
  expect(value(facts('legacy').ruleset).tables.map(({ backend }) => backend)).toContain('legacy');
  expect(value(facts('shaped').trafficControl)).toMatchObject([{ dev: 'eth0', queues: [{ kind: 'tbf' }] }]);
  expect(value(facts('filtered').trafficControl)).toMatchObject([
    { dev: 'eth0', filters: [{ at: 'ingress' }] },
  ]);
});

test('tools are started only where there is something that only they can read', () => {
  const started = read.started.filter(([tool]) => tool !== 'bpftool').map((argv) => argv.join(' '));
  const times = (command: string): number => started.filter((one) => one === command).length;
  expect(times('nft -j list chains')).toBe(0);
  expect(times('nft -j list ruleset')).toBe(3);
  expect(times('tc -json qdisc show')).toBe(2);
});
