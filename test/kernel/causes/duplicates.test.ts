import { describe, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { reachMatrix } from '../../../diagnostics/reach-matrix.ts';
import { ask, brief, testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { buildNetwork, macOf, type TestNetwork } from '../../support/network.ts';
import { bridgedPair } from '../../support/pairs.ts';

const question = { from: 'netns:red', to: '10.0.0.3:80' };

/** red, blue with a server, and green beside them on the bridge. */
const three = async (net: TestNetwork): Promise<void> => {
  await bridgedPair(net);
  await net.namespaces('green');
  await net.wire('green/eth0 10.0.0.4/24', 'host/vg');
  await net.run('host', 'ip link set vg master br0');
};

testCause({
  fault: 'another machine took the address, and answered first',
  healthy: three,
  breakIt: async (net) => {
    await net.run('green', 'ip address add 10.0.0.3/24 dev eth0');
    const mac = await macOf(net, 'green', 'eth0');
    await net.run('red', `ip neighbour replace 10.0.0.3 lladdr ${mac} dev eth0 nud reachable`);
  },
  ask: question,
  causes: ['duplicate-address'],
  at: ['netns:green'],
});

test('duplicate-address: who of the two answers first is chance; where it is the wrong one, that is the cause', async () => {
  await using net = await buildNetwork();
  await three(net);
  await net.run('green', 'ip address add 10.0.0.3/24 dev eth0');
  const answer = await ask(question);
  const found = answer.causes.map(({ id }) => id);
  if (answer.verdict === 'reachable') expect(found, brief(answer)).toEqual([]);
  else expect(found, brief(answer)).toContain('duplicate-address');
  expect(answer.probe.agrees, brief(answer)).not.toBe(false);
});

test('two who serve at one address: reachable, and whoever may have answered is named', async () => {
  await using net = await buildNetwork();
  await three(net);
  await net.run('green', 'ip address add 10.0.0.3/24 dev eth0');
  await net.listen('green', { protocol: 'tcp', port: 80 });
  const answer = await ask(question);
  expect(answer.verdict, brief(answer)).toBe('reachable');
  const [doubt] = answer.notes;
  expect(doubt).toContain('the fastest gets the packet');
  for (const name of ['netns:blue eth0', 'netns:green eth0']) expect(doubt).toContain(name);

  await net.run('red', 'ip neighbour flush all');
  const source = createLiveSource(openMachine());
  const { pairs } = await reachMatrix(source, [{ protocol: 'tcp', port: 80 }], { language: 'en' });
  const pair = pairs.find(({ from, to }) => from === 'netns:red' && to === 'netns:blue');
  expect(pair?.stop?.text).toContain('netns:green eth0');
});

testCause({
  fault: 'the asker is a clone of the one it asks',
  healthy: bridgedPair,
  breakIt: async (net) => {
    const mac = await macOf(net, 'blue', 'eth0');
    await disturb(net, 'red', [`ip link set eth0 address ${mac}`, 'ip neighbour flush all']);
  },
  ask: question,
  causes: ['duplicate-mac'],
  at: ['netns:red'],
  forget: (net) => net.run('red', 'ip neighbour flush all').then(),
});

testCause({
  fault: 'a third machine has the hardware address, and spoke last',
  healthy: three,
  breakIt: async (net) => {
    const mac = await macOf(net, 'blue', 'eth0');
    await net.run('red', `ip neighbour replace 10.0.0.3 lladdr ${mac} dev eth0 nud permanent`);
    // blue speaks only when it is spoken to: else the bridge would find it again now and then.
    await net.run('blue', 'sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1');
    const asker = await macOf(net, 'red', 'eth0');
    await net.run('blue', `ip neighbour replace 10.0.0.2 lladdr ${asker} dev eth0 nud permanent`);
    await disturb(net, 'green', [`ip link set eth0 address ${mac}`]);
    await net.run('green', 'ping -c1 -W1 10.0.0.2');
  },
  ask: question,
  causes: ['duplicate-mac'],
  at: ['netns:green'],
  forget: async (net) => {
    await net.run('green', 'ip neighbour flush all');
    await net.run('green', 'ping -c1 -W1 10.0.0.2');
  },
});

describe('an answer from a namesake says so', () => {
  const NAMESAKE = 'and not netns:blue: both have the address 10.0.0.3';

  test('the asker has the address itself', async () => {
    await using net = await buildNetwork();
    await three(net);
    expect((await ask({ from: 'netns:red', to: 'netns:blue' })).notes.join()).not.toContain(NAMESAKE);
    await net.run('red', 'ip address add 10.0.0.3/24 dev eth0');
    const answer = await ask({ from: 'netns:red', to: 'netns:blue' });
    expect(answer.notes.join(), brief(answer)).toContain(`It is netns:red that answers, ${NAMESAKE}`);
  });

  test.each([
    ['10.0.0.3/32', '10.0.0.3'],
    ['fd00::3/128', 'fd00::3'],
  ])('the asker has the address on its loopback, and nothing leaves it: %s', async (own, to) => {
    await using net = await buildNetwork();
    await three(net);
    await net.run('blue', 'ip address add fd00::3/64 dev eth0 nodad');
    await net.run('red', `ip address add ${own} dev lo`);
    const answer = await ask({ from: 'netns:red', to, protocol: 'tcp', port: 81 });
    expect(answer.notes.join(), brief(answer)).toContain(
      `${to} is an address of netns:red itself, so what it sends there never leaves it. netns:blue has the same address`,
    );
  });

  test('and who refuses is not the one that was asked either', async () => {
    await using net = await buildNetwork();
    await three(net);
    await net.run('red', 'ip address add 10.0.0.3/24 dev eth0');
    const answer = await ask({ from: 'netns:red', to: 'netns:blue', protocol: 'tcp', port: 81 });
    expect(answer.notes.join(), brief(answer)).toContain(`It is netns:red that answers, ${NAMESAKE}`);
  });

  test('a third machine has it, and answered first', async () => {
    await using net = await buildNetwork();
    await three(net);
    await net.run('green', 'ip address add 10.0.0.3/24 dev eth0');
    const mac = await macOf(net, 'green', 'eth0');
    await net.run('red', `ip neighbour replace 10.0.0.3 lladdr ${mac} dev eth0 nud permanent`);
    const answer = await ask({ from: 'netns:red', to: 'netns:blue' });
    expect(answer.notes.join(), brief(answer)).toContain(`It is netns:green that answers, ${NAMESAKE}`);
  });
});
