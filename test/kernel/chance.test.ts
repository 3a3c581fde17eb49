import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { ask, brief } from '../support/cause-case.ts';
import { expectChinese } from '../support/chinese-report.ts';
import { hoplab } from '../support/command-line.ts';
import { hasty } from '../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

const POOL = ['p1', 'p2', 'p3'] as const;
const SERVICE = { from: 'netns:client', to: '10.0.0.1', port: 80 };

/** How a service is shared out among the pool at the node: by iptables as kube-proxy does it, and by nft. */
const SHARED_OUT: Readonly<Record<string, (net: TestNetwork) => Promise<void>>> = {
  'iptables, at random': (net) =>
    iptables(net, [
      '-m statistic --mode random --probability 0.33',
      '-m statistic --mode random --probability 0.5',
      '',
    ]),
  'iptables, in turn': (net) =>
    iptables(net, [
      '-m statistic --mode nth --every 3 --packet 0',
      '-m statistic --mode nth --every 2 --packet 0',
      '',
    ]),
  'nft, at random': (net) => nft(net, 'random'),
  'nft, in turn': (net) => nft(net, 'inc'),
};

async function iptables(net: TestNetwork, draws: readonly string[]): Promise<void> {
  for (const [index, draw] of draws.entries())
    await net.run(
      'node',
      `iptables -t nat -A PREROUTING -d 10.0.0.1 -p tcp --dport 80 ${draw} -j DNAT --to-destination 10.0.${index + 1}.2:8080`,
    );
}

const nft = async (net: TestNetwork, how: string): Promise<void> =>
  void (await net.run(
    'node',
    'nft -f -',
    `table ip lb { chain pre { type nat hook prerouting priority dstnat;
       ip daddr 10.0.0.1 tcp dport 80 dnat to numgen ${how} mod 3 map { 0 : 10.0.1.2, 1 : 10.0.2.2, 2 : 10.0.3.2 }:8080
     }; }`,
  ));

let net: TestNetwork;

/** client – node – p1, p2, p3: each of the pool listens on 8080. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client', 'node', ...POOL);
  await net.wire('client/eth0 10.0.0.2/24', 'node/in 10.0.0.1/24');
  await net.run('client', 'ip route add default via 10.0.0.1');
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1');
  for (const [index, name] of POOL.entries()) {
    await net.wire(`${name}/eth0 10.0.${index + 1}.2/24`, `node/${name} 10.0.${index + 1}.1/24`);
    await net.run(name, `ip route add default via 10.0.${index + 1}.1`);
    await net.listen(name, { protocol: 'tcp', port: 8080 });
  }
  await hasty(net, 'client', 'node', ...POOL);
});
afterEach(() => net.close());

describe.each(Object.keys(SHARED_OUT))('a service shared out by %s', (how) => {
  beforeEach(async () => {
    await SHARED_OUT[how]?.(net);
  });

  it('is reached for certain where every way arrives', async () => {
    const healthy = await ask(SERVICE);
    expect(healthy, brief(healthy)).toMatchObject({
      verdict: 'reachable',
      probe: { agrees: true },
      causes: [],
    });
    expect(healthy.notes).toEqual([
      'For each connection chance decides between 3 ways; all of them arrive, and the first is shown.',
    ]);
    expect((await ask(SERVICE, false)).verdict).toBe('reachable');
  });

  it('is reached in part where one of the pool has no server, and the answer names that one', async () => {
    await net.stop('p3', 'tcp', 8080);
    const broken = await ask(SERVICE);
    expect(broken, brief(broken)).toMatchObject({
      verdict: 'partial',
      probe: { agrees: true, outcome: 'refused' },
    });
    expect(broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
      ['no-listener', 'netns:p3', 'certain'],
    ]);
    expect(broken.legs.map(({ chance, forward }) => [chance?.way, chance?.of, forward.disposition])).toEqual([
      [1, 3, 'delivered'],
      [2, 3, 'delivered'],
      [3, 3, 'refused'],
    ]);
    expect(broken.notes.join()).toMatch(
      /between 3 ways, and not all of them arrive: of \d+ probes \d+ were answered/,
    );
    // Without a probe the walk says the same.
    expect((await ask(SERVICE, false)).verdict).toBe('partial');
    expectChinese(await ask(SERVICE, true, openMachine(), 'zh-cn'));
  });

  it('is mended where a firewall stands before one of the pool', async () => {
    await net.run('p2', 'iptables -A INPUT -p tcp --dport 8080 -j DROP');
    const broken = await ask(SERVICE);
    expect(broken, brief(broken)).toMatchObject({ verdict: 'partial', probe: { agrees: true } });
    expect(broken.causes.map(({ id, namespace }) => [id, namespace])).toEqual([['filter-drop', 'netns:p2']]);
    expect(broken.causes[0]?.fixes[0]?.proven).toBe(true);
    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const applied = await applyFixes(broken, { ask: (probe) => ask(SERVICE, probe), run });
    expect(applied, brief(applied.diagnosis)).toMatchObject({ outcome: 'works', problem: null });
  });

  it('is mended where the node forwards to none of the pool', async () => {
    await net.run('node', 'iptables -P FORWARD DROP');
    const broken = await ask(SERVICE);
    expect(broken, brief(broken)).toMatchObject({ verdict: 'unreachable', probe: { agrees: true } });
    expect(broken.causes.map(({ id, namespace }) => [id, namespace])).toEqual([
      ['policy-drop', 'netns:node'],
    ]);
    expect(broken.causes[0]?.fixes[0]?.proven).toBe(true);
    expect(broken.notes).toEqual([
      'For each connection chance decides between 3 ways; none of them arrives.',
    ]);
    expectChinese(await ask(SERVICE, true, openMachine(), 'zh-cn'));
    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const applied = await applyFixes(broken, { ask: (probe) => ask(SERVICE, probe), run });
    expect(applied, brief(applied.diagnosis)).toMatchObject({ outcome: 'works', problem: null });
  });

  it('is not reached where all of the pool are wrong, each in its own way', async () => {
    await net.stop('p1', 'tcp', 8080);
    await net.run('p2', 'iptables -A INPUT -p tcp --dport 8080 -j DROP');
    await net.run('p3', 'ip route del default');
    const broken = await ask(SERVICE);
    expect(broken.verdict, brief(broken)).toBe('unreachable');
    const found = broken.causes.map(({ id, namespace }) => `${id} ${namespace}`);
    expect(found).toContain('no-listener netns:p1');
  });
});

it('a table of who reaches whom says that it is reached in part', async () => {
  await SHARED_OUT['nft, at random']?.(net);
  await net.stop('p3', 'tcp', 8080);
  await net.listen('node', { protocol: 'tcp', port: 80 });
  const { stdout } = await hoplab(['matrix', '--port', '80', '--json']);
  const { pairs } = JSON.parse(stdout) as {
    pairs: { from: string; to: string; address: string; verdict: string }[];
  };
  const asked = pairs.find(({ from, to }) => from === 'netns:client' && to === 'netns:node');
  expect(asked).toMatchObject({ verdict: 'partial' });
});
