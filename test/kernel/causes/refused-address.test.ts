import { expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief, type Asked } from '../../support/cause-case.ts';
import { expectChinese } from '../../support/chinese-report.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** red, blue and green on a bridge of a router’s, and a machine behind it. */
async function neighbours(net: TestNetwork): Promise<void> {
  await net.namespaces('router', 'red', 'blue', 'green', 'far');
  await net.wire('red/eth0 fd00::2/64', 'router/vr');
  await net.wire('blue/eth0', 'router/vb');
  await net.wire('green/eth0', 'router/vg');
  await net.bridge('router/br0 fd00::1/64', 'vr', 'vb', 'vg');
  await net.wire('far/eth0 fd00:7::2/64', 'router/vf fd00:7::1/64');
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.run('far', 'ip -6 route add default via fd00:7::1');
  await net.run('blue', 'ip -6 route add default via fd00::1 dev eth0 onlink');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('far', { protocol: 'tcp', port: 80, address: '::' });
  await net.run('blue', ['sh', '-c', 'until ip -6 addr show dev eth0 | grep -q fe80; do :; done']);
}

/** blue wants the address, and is told by its network whether somebody has it. */
async function claim(net: TestNetwork, until: 'dadfailed' | 'tentative'): Promise<void> {
  await net.run('blue', 'sysctl -qw net.ipv6.conf.eth0.accept_dad=1');
  await net.run('blue', 'ip -6 address add fd00::3/64 dev eth0');
  // It is tentative from the beginning; only once the kernel has begun to ask for it, it does not look at the setting any more.
  await net.run('blue', ['sh', '-c', 'until ip maddr show dev eth0 | grep -q ff02::1:ff00:3; do :; done']);
  await net.run('blue', ['sh', '-c', `until ip -6 addr show dev eth0 | grep -q ${until}; do :; done`]);
  await net.run('blue', 'sysctl -qw net.ipv6.conf.eth0.accept_dad=0');
}

async function expectMended(asked: Asked, at: string, said: RegExp): Promise<void> {
  const broken = await ask(asked);
  expect(broken.verdict, brief(broken)).toBe('unreachable');
  expect(broken.probe.agrees, brief(broken)).toBe(true);
  expect(broken.causes.map(({ id, namespace }) => [id, namespace])).toEqual([['duplicate-address', at]]);
  expect(broken.causes[0]?.summary).toMatch(said);
  expect(broken.causes[0]?.fixes[0]?.proven, brief(broken)).toBe(true);
  expectChinese(await ask(asked, false, openMachine(), 'zh-cn'));
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const mended = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run });
  // Who was asked before may still be known for the address: that is the next cause then.
  const [next] = mended.diagnosis.causes;
  const last =
    next?.id === 'stale-neighbour'
      ? await applyFixes(mended.diagnosis, { ask: (probe) => ask(asked, probe), run })
      : mended;
  expect(last.outcome, brief(last.diagnosis)).toBe('works');
  expect(last.diagnosis.causes).toEqual([]);
}

const from: Asked = { from: 'netns:blue', to: '[fd00:7::2]:80' };
const towards: Asked = { from: 'netns:red', to: '[fd00::3]:80' };

test('duplicate-address: healthy, an address that nobody else has', async () => {
  await using net = await buildNetwork();
  await neighbours(net);
  await net.run('blue', 'ip -6 address add fd00::3/64 dev eth0');
  for (const asked of [from, towards]) {
    const answer = await ask(asked);
    expect(answer.verdict, brief(answer)).toBe('reachable');
    expect(answer.causes).toEqual([]);
  }
});

test('duplicate-address: the other owner went, and nobody tries again', async () => {
  await using net = await buildNetwork();
  await neighbours(net);
  await net.run('green', 'ip -6 address add fd00::3/64 dev eth0');
  await claim(net, 'dadfailed');
  await net.run('green', 'ip -6 address del fd00::3/64 dev eth0');
  await expectMended(towards, 'netns:blue', /somebody else had it first/);
});

test('duplicate-address: who is refused its address speaks from that of its link, which no router passes on', async () => {
  await using net = await buildNetwork();
  await neighbours(net);
  await net.run('green', 'ip -6 address add fd00::3/64 dev eth0');
  await claim(net, 'dadfailed');
  await expectMended(from, 'netns:blue', /because netns:green had it first/);
});

test('duplicate-address: an address that is still being tested', async () => {
  await using net = await buildNetwork();
  await neighbours(net);
  await net.run('blue', 'sysctl -qw net.ipv6.conf.eth0.dad_transmits=1000');
  await claim(net, 'tentative');
  await expectMended(towards, 'netns:blue', /still being tested/);
});

test('duplicate-address: the one that was asked for is refused its address, and the other one answers', async () => {
  await using net = await buildNetwork();
  await neighbours(net);
  await net.run('green', 'ip -6 address add fd00::3/64 dev eth0');
  await claim(net, 'dadfailed');
  await expectMended({ ...towards, to: 'netns:blue', port: 80 }, 'netns:green', /both have the address/);
});
