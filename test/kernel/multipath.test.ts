import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { ask, brief } from '../support/cause-case.ts';
import { expectChinese } from '../support/chinese-report.ts';
import { hasty } from '../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

const LEGS = [1, 2, 3] as const;
const ROUTERS = LEGS.map((leg) => `r${leg}`);
const QUESTION = { from: 'netns:red', to: '10.9.9.9', port: 80 };
const QUESTION6 = { from: 'netns:red', to: 'fd00:9::9', port: 80 };

let net: TestNetwork;

/** red – gw – (r1 | r2 | r3) – blue, of both families; blue answers by r1. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'gw', ...ROUTERS, 'blue');
  await net.wire('red/eth0 10.0.0.2/24 fd00:0::2/64', 'gw/in 10.0.0.1/24 fd00:0::1/64');
  for (const leg of LEGS) {
    const router = `r${leg}`;
    await net.wire(
      `gw/to-${router} 10.1.${leg}.1/24 fd00:1:${leg}::1/64`,
      `${router}/left 10.1.${leg}.2/24 fd00:1:${leg}::2/64`,
    );
    await net.wire(
      `${router}/right 10.2.${leg}.1/24 fd00:2:${leg}::1/64`,
      `blue/from-${router} 10.2.${leg}.2/24 fd00:2:${leg}::2/64`,
    );
    await net.run(router, `ip route add 10.9.9.9 via 10.2.${leg}.2`);
    await net.run(router, `ip route add 10.0.0.0/24 via 10.1.${leg}.1`);
    await net.run(router, `ip -6 route add fd00:9::9 via fd00:2:${leg}::2`);
    await net.run(router, `ip -6 route add fd00:0::/64 via fd00:1:${leg}::1`);
  }
  for (const router of ['gw', ...ROUTERS])
    await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await net.run('gw', `ip route add 10.9.9.9 ${LEGS.map((leg) => `nexthop via 10.1.${leg}.2`).join(' ')}`);
  await net.run(
    'gw',
    `ip -6 route add fd00:9::9 ${LEGS.map((leg) => `nexthop via fd00:1:${leg}::2`).join(' ')}`,
  );
  await net.run('red', 'ip route add default via 10.0.0.1');
  await net.run('red', 'ip -6 route add default via fd00:0::1');
  await net.run('blue', 'ip address add 10.9.9.9/32 dev lo');
  await net.run('blue', 'ip address add fd00:9::9/128 dev lo nodad');
  await net.run('blue', 'ip route add default via 10.2.1.1');
  await net.run('blue', 'ip -6 route add default via fd00:2:1::1');
  for (const address of ['10.9.9.9', 'fd00:9::9'])
    await net.listen('blue', { protocol: 'tcp', port: 80, address });
  await hasty(net, 'red', 'gw', ...ROUTERS, 'blue');
});
afterEach(() => net.close());

const perConnection = (): Promise<string> => net.run('gw', 'sysctl -qw net.ipv4.fib_multipath_hash_policy=1');

async function applied(question: typeof QUESTION) {
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  return applyFixes(await ask(question), { ask: (probe) => ask(question, probe), run });
}

describe('a route with three next hops, one of them for each connection', () => {
  beforeEach(perConnection);

  it('arrives for certain where each of them leads there', async () => {
    const healthy = await ask(QUESTION);
    expect(healthy, brief(healthy)).toMatchObject({ verdict: 'reachable', probe: { agrees: true } });
    expect(healthy.notes.join()).toContain('chance decides between 3 ways; all of them arrive');
  });

  it('arrives in part where a firewall is behind one of them', async () => {
    await net.run('r2', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
    const broken = await ask(QUESTION);
    expect(broken, brief(broken)).toMatchObject({ verdict: 'partial', probe: { agrees: true } });
    expect(broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
      ['filter-drop', 'netns:r2', 'certain'],
    ]);
    expect((await ask(QUESTION, false)).verdict).toBe('partial');
    expectChinese(await ask(QUESTION, true, openMachine(), 'zh-cn'));
    const { outcome, diagnosis } = await applied(QUESTION);
    expect(outcome, brief(diagnosis)).toBe('works');
  });

  it('is mended where one of them is nobody’s address: the others stay', async () => {
    await net.run(
      'gw',
      'ip route replace 10.9.9.9 nexthop via 10.1.1.2 weight 3 nexthop via 10.1.2.77 nexthop via 10.1.3.2',
    );
    const broken = await ask(QUESTION);
    expect(broken, brief(broken)).toMatchObject({ verdict: 'partial', probe: { agrees: true } });
    expect(broken.causes.map(({ id, namespace }) => [id, namespace])).toEqual([
      ['gateway-unreachable', 'netns:gw'],
    ]);
    const { outcome, diagnosis } = await applied(QUESTION);
    expect(outcome, brief(diagnosis)).toBe('works');
    const route = await net.run('gw', 'ip route show 10.9.9.9');
    expect(route).toMatch(/via 10\.1\.1\.2 dev to-r1 weight 3/);
    expect(route).toMatch(/via 10\.1\.3\.2 dev to-r3/);
    expect(route).not.toContain('10.1.2.77');
  });

  it('is no matter of chance for what has no ports: one next hop for all of ping', async () => {
    await net.run('r2', 'iptables -A FORWARD -j DROP');
    const { legs } = await ask({ from: 'netns:red', to: '10.9.9.9' });
    expect(legs[0]?.chance).toBeUndefined();
  });
});

it('IPv6 tells connections apart by their flow labels, which a router sees', async () => {
  await net.run('r3', 'ip6tables -A FORWARD -p tcp --dport 80 -j REJECT');
  const broken = await ask(QUESTION6);
  expect(broken, brief(broken)).toMatchObject({ verdict: 'partial', probe: { agrees: true } });
  expect(broken.causes.map(({ id, namespace }) => [id, namespace])).toEqual([['filter-reject', 'netns:r3']]);

  await net.run('red', 'sysctl -qw net.ipv6.auto_flowlabels=0');
  expect((await ask(QUESTION6)).legs[0]?.chance).toBeUndefined();
});

it('a sender leaves by the next hop whose address it speaks from', async () => {
  await net.run('gw', 'sysctl -qw net.ipv4.fib_multipath_hash_policy=1');
  await net.run('r2', 'ip route del 10.9.9.9');
  const broken = await ask({ ...QUESTION, from: 'netns:gw' });
  expect(broken, brief(broken)).toMatchObject({ verdict: 'partial', probe: { agrees: true } });
  expect(broken.legs[0]?.chance?.of).toBe(3);
});

it('a group of nexthop objects is one of so many ways as it has members', async () => {
  await net.run('red', 'ip nexthop add id 1 via 10.0.0.1 dev eth0');
  await net.run('red', 'ip nexthop add id 2 via 10.0.0.77 dev eth0');
  await net.run('red', 'ip nexthop add id 3 group 1/2');
  await net.run('red', 'ip route replace default nhid 3');
  await net.run('red', 'sysctl -qw net.ipv4.fib_multipath_hash_policy=1');
  await net.run('gw', 'ip route replace 10.9.9.9 via 10.1.1.2');
  const broken = await ask(QUESTION);
  expect(broken, brief(broken)).toMatchObject({
    verdict: 'partial',
    causes: [{ id: 'gateway-unreachable' }],
  });
  expect(broken.legs[0]?.chance?.of).toBe(2);
});

it('neighbours that did not answer are passed over where the kernel is told to look (fib_multipath_use_neigh)', async () => {
  await perConnection();
  await net.run('gw', 'sysctl -qw net.ipv4.fib_multipath_use_neigh=1');
  await net.run(
    'gw',
    'ip route replace 10.9.9.9 nexthop via 10.1.1.2 nexthop via 10.1.2.77 nexthop via 10.1.3.2',
  );
  await net.run('gw', 'ping -c 1 -W 1 10.1.2.77').catch(() => 'nobody answers');
  const answer = await ask(QUESTION);
  expect(answer, brief(answer)).toMatchObject({ verdict: 'reachable', probe: { agrees: true }, causes: [] });
});

describe('a route whose next hop the addresses decide', () => {
  /** The router that the hash chooses for this question, and the others. */
  async function taken(): Promise<readonly string[]> {
    const route = await net.run('gw', 'ip route get 10.9.9.9 from 10.0.0.2 iif in');
    const used = /dev to-(r\d)\b/.exec(route)?.[1] ?? '';
    return [used, ...ROUTERS.filter((router) => router !== used)];
  }

  it('tells who arrives that packets of other addresses are lost', async () => {
    const [, spare] = await taken();
    await net.run(spare ?? '', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
    const answer = await ask(QUESTION);
    expect(answer, brief(answer)).toMatchObject({ verdict: 'reachable', causes: [] });
    expect(answer.notes.join()).toMatch(/between other addresses/);
    expectChinese(await ask(QUESTION, true, openMachine(), 'zh-cn'));
  });

  it('tells who is lost that packets of other addresses arrive', async () => {
    const [used] = await taken();
    await net.run(used ?? '', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
    const answer = await ask(QUESTION);
    expect(answer.verdict, brief(answer)).toBe('unreachable');
    expect(answer.notes.join()).toMatch(/between other addresses/);
  });

  it('is certain of what drops packets of all next hops', async () => {
    await net.run('blue', 'iptables -t mangle -A PREROUTING -p tcp -j DROP');
    const answer = await ask(QUESTION);
    expect(
      answer.causes.map(({ id, certainty }) => [id, certainty]),
      brief(answer),
    ).toEqual([['filter-drop', 'certain']]);
  });

  it('says nothing of other addresses where all next hops do alike', async () => {
    const answer = await ask(QUESTION);
    expect(answer, brief(answer)).toMatchObject({ verdict: 'reachable', probe: { agrees: true } });
    expect(answer.notes).toEqual([]);
  });
});
