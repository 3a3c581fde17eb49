import { expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { snapshotSource } from '../../diagnostics/collect/snapshot-file.ts';
import { snapshotSchema } from '../../diagnostics/collect/snapshot-schema.ts';
import { takeSnapshot } from '../../diagnostics/collect/take-snapshot.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { redactSnapshot } from '../../diagnostics/redact/redact-snapshot.ts';
import { why } from '../../diagnostics/why.ts';
import { buildNetwork } from '../support/network.ts';

const gist = ({ verdict, causes, legs }: Diagnosis): unknown => ({
  verdict,
  causes: causes.map(({ id, certainty, fixes }) => ({
    id,
    certainty,
    fixes: fixes.map(({ proven, steps }) => [proven, steps.length]),
  })),
  legs: legs.map(({ forward, back }) =>
    [forward, back].map((trace) => [trace?.disposition, trace?.certain, trace?.hops.length]),
  ),
});

const SECRETS = [
  ...[
    'acme',
    'vault',
    'gatehouse',
    'oracle9',
    'uplink-bonn',
    'cust-7',
    'cust-8',
    'payroll',
    'friends',
    'corp.example',
  ],
  ...['10.20.30.', '10.20.31.', '192.168.77.', '172.29.', '203.0.113.9', 'fd00:aaaa:bbbb', '0a:bc:de:f0'],
];

test('a redacted snapshot answers as the network does, and holds none of its names and numbers', async () => {
  await using net = await buildNetwork();
  await net.namespaces('acme', 'vault', 'gatehouse', 'oracle9');
  await net.wire(
    'acme/eth0 10.20.30.2/24 fd00:aaaa:bbbb::2/64',
    'gatehouse/cust-7 10.20.30.1/24 fd00:aaaa:bbbb::1/64',
  );
  await net.wire('vault/uplink-bonn 192.168.77.130/25', 'gatehouse/cust-8 192.168.77.129/25');
  await net.wire('oracle9/eth0 172.29.4.9/16', 'gatehouse/ora 172.29.255.1/16');
  await net.run('acme', 'ip link set eth0 address 0a:bc:de:f0:00:01');
  await net.run('acme', 'ip route add default via 10.20.30.1');
  await net.run('vault', 'ip route add 10.20.30.0/23 via 192.168.77.129');
  await net.run('oracle9', 'ip route add 10.20.31.0/24 via 172.29.255.1');
  await net.run('gatehouse', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('gatehouse', 'sysctl -qw net.ipv4.conf.cust-8.rp_filter=1');
  await net.run('gatehouse', [
    ...['iptables', '-A', 'FORWARD', '-p', 'tcp', '-i', 'cust-+', '-m', 'iprange', '--src-range'],
    ...['10.20.29.200-10.20.30.77', '-d', '192.168.77.128/25', '--dport', '81', '-m', 'comment'],
    ...['--comment', 'keep payroll of ACME away from 203.0.113.9', '-j', 'DROP'],
  ]);
  await net.run('gatehouse', [
    'nft',
    'add table ip payroll; add set ip payroll friends { type ipv4_addr; flags interval; elements = { 10.20.30.0-10.20.31.3, 192.168.77.128/25 } }; add chain ip payroll f { type filter hook forward priority 10; policy accept; }; add rule ip payroll f iifname "cust-7" tcp dport 82 ip saddr @friends reject',
  ]);
  await net.run(
    'gatehouse',
    'iptables -t nat -A PREROUTING -d 10.20.30.1 -p tcp --dport 8080 -j DNAT --to 192.168.77.130:80',
  );
  await net.listen('vault', { protocol: 'tcp', port: 80, name: 'payrolld' });
  await net.listen('vault', { protocol: 'tcp', port: 81, address: '127.0.0.1' });

  const taken = await takeSnapshot(createLiveSource(openMachine()));
  const { snapshot, renamed } = redactSnapshot(taken);
  const text = JSON.stringify(snapshot);
  expect(snapshotSchema.safeParse(JSON.parse(text)).success).toBe(true);
  for (const secret of SECRETS) expect(text.toLowerCase()).not.toContain(secret.toLowerCase());

  const now = new Map(renamed.map(({ before, now: after }) => [before, after]));
  const ask = async (facts: Snapshot, from: string, to: string, port: number | null): Promise<unknown> =>
    gist(
      await why(snapshotSource(facts), { from, to, protocol: null, port }, { language: 'en', probe: false }),
    );
  const ends = ['acme', 'vault', 'gatehouse', 'oracle9'].map((name) => `netns:${name}`);
  const verdicts = new Set<string>();
  for (const from of ends)
    for (const to of ends)
      for (const port of [null, 80, 81, 82, 8080]) {
        const before = await ask(taken, from, to, port);
        const after = await ask(snapshot, now.get(from) ?? '', now.get(to) ?? '', port);
        expect({ from, to, port, answer: after }).toEqual({ from, to, port, answer: before });
        verdicts.add(JSON.stringify(before));
      }
  expect(verdicts.size).toBeGreaterThan(6);
});

test('every drawing hides other things behind other numbers, and says the same', async () => {
  await using net = await buildNetwork();
  await net.namespaces('left', 'right');
  await net.wire('left/wan-munich 10.9.8.7/8', 'right/eth0 10.200.1.1/8');
  const taken = await takeSnapshot(createLiveSource(openMachine()));
  for (let draw = 0; draw < 10; draw += 1) {
    const { snapshot } = redactSnapshot(taken);
    const text = JSON.stringify(snapshot);
    for (const secret of ['10.9.8.7', '10.200.1.1', 'wan-munich', 'left', 'right'])
      expect(text).not.toMatch(new RegExp(`(?<![\\w.])${secret}(?![\\w.])`));
  }
});
