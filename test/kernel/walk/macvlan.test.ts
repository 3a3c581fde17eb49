import { afterAll, beforeAll, describe, it } from 'vitest';
import { agreeForCertain, ping } from '../../support/agree.ts';
import { disturb, hasty, settled } from '../../support/hasty.ts';
import { buildNetwork, macOf, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;

/** c0 and c1 on eth0 of `node`, `far` at the other end of a bridge. */
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('node', 'far', 'sw', 'c0', 'c1', 'c2');
  await net.wire('node/eth0 10.0.0.1/24', 'sw/pn');
  await net.wire('far/eth0 10.0.0.2/24', 'sw/pf');
  await net.bridge('sw/br0', 'pn', 'pf');
});
afterAll(async () => {
  await net.close();
});

const child = async (name: string, mode: string, address: string): Promise<void> => {
  await net.run('node', `ip link add link eth0 name mv netns ${name} type macvlan mode ${mode}`);
  await net.run(name, `ip address add ${address}/24 dev mv`);
  await net.run(name, 'ip link set mv up');
};

const clear = async (): Promise<void> => {
  for (const name of ['node', 'c0', 'c1', 'c2'])
    if ((await net.run(name, 'ip -o link')).includes(' mv@')) await net.run(name, 'ip link delete mv');
};

const forget = async (): Promise<void> => {
  for (const name of ['node', 'far', 'c0', 'c1', 'c2']) await net.run(name, 'ip neighbour flush all');
};

const ALL = ['node', 'far', 'c0', 'c1', 'c2', 'sw'];

describe('macvlan: who meets whom on one lower device', () => {
  it.each([
    ['bridge', 'delivered at c1'],
    ['private', 'neighbour-unresolved at node'],
    ['vepa', 'neighbour-unresolved at node'],
  ])('mode %s, the switch reflects nothing', async (mode, siblings) => {
    await clear();
    await child('c0', mode, '10.0.0.10');
    await child('c1', mode, '10.0.0.11');
    await hasty(net, ...ALL);
    await settled(net);
    await forget();
    await agreeForCertain(ping('c0', '10.0.0.11'), siblings);
    await agreeForCertain(ping('c0', '10.0.0.2'), 'delivered at far');
    await agreeForCertain(ping('far', '10.0.0.11'), 'delivered at c1');
    await agreeForCertain(ping('c0', '10.0.0.1'), 'neighbour-unresolved at node');
    await agreeForCertain(ping('node', '10.0.0.10'), 'neighbour-unresolved at node');
  });

  it.each([
    ['bridge', 'delivered at c1', 'delivered at node'],
    ['private', 'neighbour-unresolved at node', 'neighbour-unresolved at node'],
    ['vepa', 'delivered at c1', 'delivered at node'],
  ])('mode %s, the switch sends frames back (hairpin)', async (mode, siblings, host) => {
    await clear();
    await disturb(net, 'sw', ['bridge link set dev pn hairpin on']);
    await child('c0', mode, '10.0.0.10');
    await child('c1', mode, '10.0.0.11');
    await hasty(net, ...ALL);
    await settled(net);
    await forget();
    await agreeForCertain(ping('c0', '10.0.0.11'), siblings);
    await agreeForCertain(ping('c0', '10.0.0.1'), host);
    await forget();
    await agreeForCertain(ping('node', '10.0.0.10'), 'delivered at c0');
    await agreeForCertain(ping('c0', '10.0.0.2'), 'delivered at far');
    await disturb(net, 'sw', ['bridge link set dev pn hairpin off']);
  });

  it('one in bridge mode, one private, one vepa', async () => {
    await clear();
    await child('c0', 'bridge', '10.0.0.10');
    await child('c1', 'private', '10.0.0.11');
    await child('c2', 'vepa', '10.0.0.12');
    await hasty(net, ...ALL);
    await settled(net);
    await forget();
    await agreeForCertain(ping('c0', '10.0.0.11'), 'neighbour-unresolved at node');
    await agreeForCertain(ping('c1', '10.0.0.10'), 'neighbour-unresolved at node');
    await agreeForCertain(ping('c2', '10.0.0.10'), 'neighbour-unresolved at node');
    await agreeForCertain(ping('c0', '10.0.0.2'), 'delivered at far');
  });

  it('passthru: the one child takes everything, its host nothing', async () => {
    await clear();
    await child('c0', 'passthru', '10.0.0.10');
    await hasty(net, ...ALL);
    await settled(net);
    await forget();
    await agreeForCertain(ping('c0', '10.0.0.2'), 'delivered at far');
    await agreeForCertain(ping('far', '10.0.0.10'), 'delivered at c0');
    await agreeForCertain(ping('c0', '10.0.0.1'), 'neighbour-unresolved at node');
    await agreeForCertain(ping('node', '10.0.0.2'), 'neighbour-unresolved at node');
  });

  it('passthru, the child at home: who asks is heard by both, and both know it then', async () => {
    await clear();
    await net.run('node', 'ip link add link eth0 name mv type macvlan mode passthru');
    await net.run('node', 'ip address add 10.0.0.10/24 dev mv');
    await net.run('node', 'ip link set mv up');
    await hasty(net, ...ALL);
    await settled(net);
    for (const address of ['10.0.0.1', '10.0.0.10']) {
      await forget();
      await agreeForCertain(ping('far', address), 'delivered at node');
    }
    await forget();
    await agreeForCertain(ping('node', '10.0.0.2'), 'neighbour-unresolved at node');
  });

  it('source: only those on the list are heard', async () => {
    await clear();
    await child('c0', 'source', '10.0.0.10');
    await hasty(net, ...ALL);
    await settled(net);
    await forget();
    await agreeForCertain(ping('far', '10.0.0.10'), 'filtered-source at node');
    await agreeForCertain(ping('c0', '10.0.0.2'), 'filtered-source at node');
    const mac = await macOf(net, 'far', 'eth0');
    await net.run('c0', `ip link set mv type macvlan macaddr add ${mac}`);
    await forget();
    await agreeForCertain(ping('far', '10.0.0.10'), 'delivered at c0');
  });

  it('a child that is down, and a lower device that is down', async () => {
    await clear();
    await child('c0', 'bridge', '10.0.0.10');
    await child('c1', 'bridge', '10.0.0.11');
    await hasty(net, ...ALL);
    await settled(net);
    await forget();
    await disturb(net, 'c1', ['ip link set mv down']);
    await agreeForCertain(ping('c0', '10.0.0.11'), 'link-down at c1');
    await agreeForCertain(ping('far', '10.0.0.11'), 'link-down at c1');
    await disturb(net, 'c1', ['ip link set mv up']);
    await disturb(net, 'node', ['ip link set eth0 down']);
    await agreeForCertain(ping('c0', '10.0.0.11'), 'link-down at c0');
  });
});
