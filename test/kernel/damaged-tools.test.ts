import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { why } from '../../diagnostics/why.ts';
import { DAMAGES, recordTools, seeded } from '../support/damage.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** Each is one answer of one tool, damaged in one way, and one question. */
const TRIES = Number(process.env['HOPLAB_FUZZ_RUNS'] ?? 400);
const SEED = Number(process.env['HOPLAB_FUZZ_SEED'] ?? 1);

/** A router with a firewall of every backend, a policy rule, and queues that lose one port; a switch with rules for frames. */
let net: TestNetwork;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('client', 'switch', 'gate', 'server');
  await net.wire('client/eth0 10.1.0.2/24 fd01::2/64', 'switch/c');
  await net.wire('gate/g0 10.1.0.1/24 fd01::1/64', 'switch/g');
  await net.bridge('switch/br0', 'c', 'g');
  await net.wire('gate/s0 10.2.0.1/24 fd02::1/64', 'server/eth0 10.2.0.2/24 fd02::2/64');
  for (const [end, gateway4, gateway6] of [
    ['client', '10.1.0.1', 'fd01::1'],
    ['server', '10.2.0.1', 'fd02::1'],
  ] as const) {
    await net.run(end, `ip route add default via ${gateway4}`);
    await net.run(end, `ip -6 route add default via ${gateway6}`);
  }
  await net.run('server', 'ip addr add 10.3.0.2/32 dev lo');
  for (const port of [80, 81, 82, 83, 84, 86]) await net.listen('server', { protocol: 'tcp', port });
  await net.run('switch', 'ebtables-nft -A FORWARD -p IPv4 --ip-dst 10.78.0.1 -j DROP');
  for (const command of [
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
    'ip rule add from 10.1.0.0/24 to 10.3.0.0/24 lookup 100',
    'ip route add 10.3.0.0/24 via 10.2.0.2 table 100',
    'ip -6 rule add to fd09::/64 prohibit',
    'ipset create lan hash:net',
    'ipset add lan 10.1.0.0/24',
    'iptables-nft -A FORWARD -p tcp --dport 82 -m set --match-set lan src -j DROP',
    'iptables-nft -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    'iptables-nft -t nat -A PREROUTING -d 10.1.0.1 -p tcp --dport 8080 -j DNAT --to 10.2.0.2:80',
    'iptables-legacy -A FORWARD -p tcp -m multiport --dports 83,183 -j REJECT',
    'ip6tables-legacy -A FORWARD -p tcp --dport 86 -j DROP',
    'tc qdisc add dev s0 root handle 1: htb default 20',
    'tc class add dev s0 parent 1: classid 1:10 htb rate 1mbit',
    'tc class add dev s0 parent 1: classid 1:20 htb rate 1mbit',
    'tc qdisc add dev s0 parent 1:10 handle 10: pfifo limit 0',
    'tc filter add dev s0 parent 1: protocol ip prio 2 u32 match ip protocol 6 0xff match ip dport 84 0xffff flowid 1:10',
  ])
    await net.run('gate', command);
  await net.run('gate', [
    'nft',
    `add table inet own
    add set inet own bad { type inet_service; elements = { 81, 181 } }
    add map inet own more { type inet_service : verdict; elements = { 281 : drop, 282 : accept } }
    add chain inet own f { type filter hook forward priority 5; policy accept; }
    add rule inet own f ct state established,related accept
    add rule inet own f tcp dport @bad drop
    add rule inet own f tcp dport vmap @more
    add rule inet own f ip saddr 10.9.0.0/16 tcp dport { 1-1000 } counter reject`,
  ]);
});
afterAll(() => net.close());

const QUESTIONS = [
  ...([80, 81, 82, 83, 84, 85].map((port) => ['10.2.0.2', port]) as [string, number][]),
  ...([
    ['10.1.0.1', 8080],
    ['10.3.0.2', 80],
    ['fd02::2', 80],
    ['fd02::2', 86],
  ] as const),
] as const;

const isCertain = ({ legs }: Diagnosis): boolean =>
  legs.every(({ forward, back }) => forward.certain && back?.certain !== false);

test('a damaged answer of a tool is a named unknown: it neither ends the question nor changes the answer in silence', async () => {
  const tools = recordTools(openMachine());
  const ask = ([to, port]: (typeof QUESTIONS)[number]): Promise<Diagnosis> =>
    why(
      createLiveSource(tools.machine),
      { from: 'netns:client', to, protocol: 'tcp', port },
      { language: 'en', probe: false },
    );
  const verdicts: Diagnosis['verdict'][] = [];
  for (const question of QUESTIONS) verdicts.push((await ask(question)).verdict);
  expect(verdicts.join(' ')).toBe(
    'reachable unreachable unreachable unreachable unreachable unreachable reachable reachable unreachable unreachable',
  );

  const asked = tools.asked();
  const kinds = Object.keys(DAMAGES);
  const seen = new Map<string, number>();
  for (let seed = SEED; seed < SEED + TRIES; seed += 1) {
    const random = seeded(seed);
    const at = Math.floor(random() * QUESTIONS.length);
    const tool = asked[Math.floor(random() * asked.length)] ?? '';
    const kind = kinds[Math.floor(random() * kinds.length)] ?? '';
    tools.damage(tool, (output) => DAMAGES[kind]?.(output, random) ?? output);
    const diagnosis = await ask(QUESTIONS[at] ?? QUESTIONS[0]);
    if (!tools.met()) continue;
    const said = `seed ${seed}: ${String(QUESTIONS[at])} is ${diagnosis.verdict} (it was ${verdicts[at] ?? ''}) where ${tool} is damaged: ${kind}`;
    if (diagnosis.verdict === 'unknown') expect(diagnosis.notes, said).not.toEqual([]);
    else if (isCertain(diagnosis)) expect(diagnosis.verdict, said).toBe(verdicts[at]);
    seen.set(diagnosis.verdict, (seen.get(diagnosis.verdict) ?? 0) + 1);
  }
  expect(
    Math.min(...['reachable', 'unreachable', 'unknown'].map((one) => seen.get(one) ?? 0)),
  ).toBeGreaterThan(TRIES * 0.075);
});
