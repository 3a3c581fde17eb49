import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { ask, brief } from '../support/cause-case.ts';
import { hasty } from '../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

const QUESTION = { from: 'netns:red', to: '10.9.9.9', port: 80 };
const DROP = 'iptables -A FORWARD -p tcp --dport 80 -j DROP';

let net: TestNetwork;

/** red – gw – (r1 | r2) – blue: a multipath route, and the kernel's hash says which router is taken. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'gw', 'r1', 'r2', 'blue');
  await net.wire('red/eth0 10.0.0.2/24', 'gw/in 10.0.0.1/24');
  for (const [index, router] of ['r1', 'r2'].entries()) {
    await net.wire(`gw/to-${router} 10.1.${index}.1/24`, `${router}/up 10.1.${index}.2/24`);
    await net.wire(`${router}/down 10.2.${index}.1/24`, `blue/from-${router} 10.2.${index}.2/24`);
    await net.run(router, `ip route add 10.9.9.9 via 10.2.${index}.2`);
    await net.run(router, `ip route add 10.0.0.0/24 via 10.1.${index}.1`);
    await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  }
  await net.run('gw', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('gw', 'ip route add 10.9.9.9 nexthop via 10.1.0.2 nexthop via 10.1.1.2');
  await net.run('red', 'ip route add default via 10.0.0.1');
  await net.run('blue', 'ip address add 10.9.9.9/32 dev lo');
  await net.run('blue', 'ip route add default nexthop via 10.2.0.1 nexthop via 10.2.1.1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await hasty(net, 'red', 'gw', 'r1', 'r2', 'blue');
});
afterEach(() => net.close());

/** The router that the hash chooses for this question, and the other one. */
async function routers(): Promise<readonly [string, string]> {
  const route = await net.run('gw', 'ip route get 10.9.9.9 from 10.0.0.2 iif in');
  return /dev to-r1\b/.test(route) ? ['r1', 'r2'] : ['r2', 'r1'];
}

describe('a multipath route', () => {
  it('whose other next hop is blocked: the way that was taken is shown', async () => {
    const [used, spare] = await routers();
    await net.run(spare, DROP);
    const answer = await ask(QUESTION);
    expect(answer, brief(answer)).toMatchObject({ verdict: 'reachable', causes: [] });
    const passed = answer.legs[0]?.forward.hops.map(({ namespace }) => answer.namespaces[namespace]?.label);
    expect(passed).toEqual(['netns:red', 'netns:gw', `netns:${used}`, 'netns:blue']);
  });

  it('whose next hop is blocked that the packet takes: the probe tells which it was', async () => {
    const [used] = await routers();
    await net.run(used, DROP);
    const broken = await ask(QUESTION);
    expect(broken.verdict, brief(broken)).toBe('unreachable');
    expect(broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
      ['filter-drop', `netns:${used}`, 'likely'],
    ]);
    expect(broken.causes[0]?.fixes[0]?.proven).toBe(true);
    const machine = openMachine();
    const run = stepRunner(machine, await createLiveSource(machine).discover());
    const applied = await applyFixes(broken, { ask: (probe) => ask(QUESTION, probe), run });
    expect(applied, brief(applied.diagnosis)).toMatchObject({ outcome: 'works', problem: null });
  });

  it('whose next hops are both blocked: both are named, and mended', async () => {
    for (const router of ['r1', 'r2']) await net.run(router, DROP);
    const broken = await ask(QUESTION);
    expect(broken.causes.map(({ id, namespace }) => `${id} ${namespace}`).toSorted(), brief(broken)).toEqual([
      'filter-drop netns:r1',
      'filter-drop netns:r2',
    ]);
    expect(broken.causes.map(({ fixes }) => fixes[0]?.proven)).toEqual([true, true]);
  });
});

it('a limit that is used up: the probe tells that the rule behind it decided', async () => {
  const rules = [
    '-A INPUT -p tcp --syn --dport 80 -m limit --limit 1/hour --limit-burst 1 -j ACCEPT',
    '-A INPUT -p tcp --syn --dport 80 -j REJECT',
  ];
  for (const rule of rules) await net.run('blue', `iptables ${rule}`);
  const first = await ask(QUESTION);
  expect(first.verdict, brief(first)).toBe('reachable');
  const second = await ask(QUESTION);
  expect(second.verdict, brief(second)).toBe('unreachable');
  expect(second.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
    ['filter-reject', 'netns:blue', 'likely'],
  ]);
});
