import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agreeForCertain, ping } from '../../support/agree.ts';
import { askBoth } from '../../support/ask-both.ts';
import { disturb, hasty, settled } from '../../support/hasty.ts';
import { buildNetwork, macOf, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;

/** A machine whose bridge has an address of its own, with `far` and `other` at its ports. */
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('node', 'far', 'other', 'c0', 'c1');
  await net.wire('far/eth0 10.0.0.2/24', 'node/pf');
  await net.wire('other/eth0 10.0.0.3/24', 'node/po');
  await net.bridge('node/br0 10.0.0.1/24', 'pf', 'po');
});
afterAll(async () => {
  await net.close();
});

const NODES = ['node', 'far', 'other', 'c0', 'c1'];

const ready = async (): Promise<void> => {
  await hasty(net, ...NODES);
  await settled(net);
  for (const name of NODES) await net.run(name, 'ip neighbour flush all');
};

describe('a device with an address of its own on a bridge makes the bridge listen to all', () => {
  it.each(['bridge', 'private'])('macvlan of mode %s in another namespace', async (mode) => {
    await net.run('node', `ip link add link br0 name mv netns c0 type macvlan mode ${mode}`);
    await net.run('c0', 'ip address add 10.0.0.10/24 dev mv');
    await net.run('c0', 'ip link set mv up');
    await ready();
    await agreeForCertain(ping('far', '10.0.0.10'), 'delivered at c0');
    await agreeForCertain(ping('c0', '10.0.0.3'), 'delivered at other');
    // Now that both know each other, nobody asks the whole network any more.
    await agreeForCertain(ping('far', '10.0.0.10'), 'delivered at c0');
    await agreeForCertain(ping('node', '10.0.0.10'), 'neighbour-unresolved at node');
    await disturb(net, 'c0', ['ip link set mv down']);
    await net.run('far', 'ip neighbour flush all');
    await agreeForCertain(ping('far', '10.0.0.10'), 'link-down at c0');
    await net.run('c0', 'ip link delete mv');
  });

  it('a macvlan that took the address of the bridge itself', async () => {
    await net.run('node', 'ip link add link br0 name mv type macvlan mode bridge');
    await net.run('node', 'ip address delete 10.0.0.1/24 dev br0');
    await net.run('node', 'ip address add 10.0.0.1/24 dev mv');
    await net.run('node', 'ip link set mv up');
    await ready();
    await agreeForCertain(ping('node', '10.0.0.2'), 'delivered at far');
    await agreeForCertain(ping('far', '10.0.0.1'), 'delivered at node');
    await net.run('node', 'ip link delete mv');
    await net.run('node', 'ip address add 10.0.0.1/24 dev br0');
  });
});

describe('a port that is spared broadcasts', () => {
  it('hears the bridge’s own questions, and no others', async () => {
    await ready();
    await disturb(net, 'node', ['bridge link set dev pf bcast_flood off']);
    for (const name of NODES) await net.run(name, 'ip neighbour flush all');
    await agreeForCertain(ping('other', '10.0.0.2'), 'filtered-source at node');
    await agreeForCertain(ping('node', '10.0.0.2'), 'delivered at far');
    await disturb(net, 'node', ['bridge link set dev pf bcast_flood on']);
  });
});

describe('a port for which the bridge answers (proxy_arp)', () => {
  it('hears no question, and nobody says for certain who answers', async () => {
    await ready();
    await disturb(net, 'node', ['ip link set dev pf type bridge_slave proxy_arp on']);
    for (const name of NODES) await net.run(name, 'ip neighbour flush all');
    const { predicted, probed } = await askBoth(ping('other', '10.0.0.2'));
    expect(probed.outcome).toBe('unreachable');
    expect(predicted.certain).toBe(false);
    await disturb(net, 'node', ['ip link set dev pf type bridge_slave proxy_arp off']);
  });

  it('hears the bridge’s own stack only where the bridge learns who is behind it', async () => {
    await net.run('node', 'ip address add fd00::1/64 dev br0 nodad');
    await net.run('far', 'ip address add fd00::2/64 dev eth0 nodad');
    await ready();
    const both = [ping('far', '10.0.0.1'), ping('far', 'fd00::1')];
    await disturb(net, 'node', ['ip link set dev pf type bridge_slave proxy_arp on']);
    for (const [ageing, end] of [
      [30_000, 'delivered at node'],
      [0, 'filtered-source at node'],
    ] as const) {
      await net.run('node', `ip link set br0 type bridge ageing_time ${ageing}`);
      for (const question of both) {
        for (const name of NODES) await net.run(name, 'ip neighbour flush all');
        await agreeForCertain(question, end);
      }
    }
    await disturb(net, 'node', ['ip link set dev pf type bridge_slave proxy_arp off']);
    for (const name of NODES) await net.run(name, 'ip neighbour flush all');
    for (const question of both) await agreeForCertain(question, 'delivered at node');
    await net.run('node', 'ip link set br0 type bridge ageing_time 30000');
  });
});

describe('an address that is written as the bridge’s own (permanent) on one of its ports', () => {
  it('is sent to by the bridge’s own stack, and by nobody else', async () => {
    const mac = await macOf(net, 'far', 'eth0');
    await net.run('node', `bridge fdb replace ${mac} dev pf master permanent`);
    await ready();
    await agreeForCertain(ping('node', '10.0.0.2'), 'delivered at far');
    await agreeForCertain(ping('far', '10.0.0.1'), 'delivered at node');
    await disturb(net, 'node', ['sysctl -qw net.ipv4.ip_forward=1']);
    await agreeForCertain(ping('other', '10.0.0.2'), 'filtered-source at node');
    await disturb(net, 'node', ['sysctl -qw net.ipv4.ip_forward=0']);
  });

  it('on the wrong port the bridge’s own stack sends there', async () => {
    const mac = await macOf(net, 'far', 'eth0');
    await net.run('node', `bridge fdb replace ${mac} dev po master permanent`);
    await ready();
    await agreeForCertain(ping('node', '10.0.0.2'), 'filtered-source at other');
  });
});

describe('a frame to the hardware address of a bridge’s port', () => {
  it.each([
    ['pf', 'by which it comes, is for the machine', 'delivered at node'],
    ['po', 'by which it does not come, is for nobody', 'filtered-source at node'],
  ])('%s, %s', async (port, _what, end) => {
    await net
      .run('node', `bridge fdb delete ${await macOf(net, 'far', 'eth0')} dev po master`)
      .catch(() => '');
    await net.run('node', 'ip link set br0 address 02:00:00:00:0b:01');
    await ready();
    await net.run('far', `ip neighbour replace 10.0.0.1 lladdr ${await macOf(net, 'node', port)} dev eth0`);
    await agreeForCertain(ping('far', '10.0.0.1'), end);
  });
});

describe('a station with the hardware address of a bridge’s port', () => {
  it.each([
    [
      'pf',
      'behind that one, is heard and answered by the bridge’s own stack, and by nobody else',
      ['delivered at far', 'delivered at node', 'filtered-source at node'],
    ],
    [
      'po',
      'behind another one, hears no answer',
      ['filtered-source at other', 'neighbour-unresolved at node', 'not-forwarded at node'],
    ],
  ] as const)('%s, %s', async (port, _what, [fromNode, toNode, fromOther]) => {
    const own = await macOf(net, 'far', 'eth0');
    await disturb(net, 'far', [`ip link set eth0 address ${await macOf(net, 'node', port)}`]);
    for (const [question, end] of [
      [ping('node', '10.0.0.2'), fromNode],
      [ping('far', '10.0.0.1'), toNode],
      [ping('other', '10.0.0.2'), fromOther],
    ] as const) {
      await ready();
      await agreeForCertain(question, end);
    }
    await disturb(net, 'far', [`ip link set eth0 address ${own}`]);
  });
});
