import { afterEach, beforeEach, describe, it } from 'vitest';
import { agreeForCertain, ping } from '../../support/agree.ts';
import type { Question } from '../../support/ask-both.ts';
import { disturb, hasty, settled } from '../../support/hasty.ts';
import { buildNetwork, macOf, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
});
afterEach(async () => {
  await net.close();
});

async function agree(question: Question, there: string, back?: string): Promise<void> {
  await settled(net);
  await agreeForCertain(question, there, back);
}

/** n1 – router – n2, a vxlan interface in each; `options` come before those that every test wants. */
async function nodes(one: string, two: string): Promise<void> {
  await net.namespaces('n1', 'n2', 'router');
  await net.wire('n1/eth0 10.1.0.2/24', 'router/r1 10.1.0.1/24');
  await net.wire('n2/eth0 10.2.0.2/24', 'router/r2 10.2.0.1/24');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('n1', 'ip route add default via 10.1.0.1');
  await net.run('n2', 'ip route add default via 10.2.0.1');
  await net.run('n1', `ip link add vx type vxlan ${one}`);
  await net.run('n2', `ip link add vx type vxlan ${two}`);
}

const OPTIONS = 'id 42 dstport 4789';

const up = async (): Promise<void> => {
  for (const [node, address] of [
    ['n1', '10.9.0.1/24'],
    ['n2', '10.9.0.2/24'],
  ] as const) {
    await net.run(node, `ip address add ${address} dev vx`);
    await net.run(node, 'ip link set vx up');
  }
  await hasty(net, 'n1', 'n2', 'router');
};

describe('vxlan between two nodes', () => {
  it('with a remote: there and back, learned and from the table', async () => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, `${OPTIONS} remote 10.1.0.2`);
    await up();
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'delivered at n1');
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'delivered at n1');
    await agree(ping('n2', '10.9.0.1'), 'delivered at n1', 'delivered at n2');
    await agree(ping('n1', '10.9.0.7'), 'neighbour-unresolved at n1');
  });

  it('one end learns where the other is from what comes', async () => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, OPTIONS);
    await up();
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'delivered at n1');
  });

  it('one end learns nothing and knows nobody', async () => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, `${OPTIONS} nolearning`);
    await up();
    await agree(ping('n1', '10.9.0.2'), 'neighbour-unresolved at n2');
    await agree(ping('n2', '10.9.0.1'), 'neighbour-unresolved at n2');
  });

  it.each([
    ['another number', `id 43 dstport 4789 remote 10.1.0.2`, 'dropped at n2'],
    ['another port', `id 42 dstport 4790 remote 10.1.0.2`, 'dropped at n2'],
  ])('%s at the other end', async (_what, two, there) => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, two);
    await up();
    await agree(ping('n1', '10.9.0.2'), there);
  });

  it('a wrong remote, that nobody has or that has no tunnel', async () => {
    await nodes(`${OPTIONS} remote 10.2.0.77`, `${OPTIONS} remote 10.1.0.2`);
    await up();
    await agree(ping('n1', '10.9.0.2'), 'neighbour-unresolved at router');
    await net.run('n1', 'ip link set vx type vxlan id 42 remote 10.2.0.1');
    await agree(ping('n1', '10.9.0.2'), 'dropped at router');
    await net.run('n1', 'ip link set vx type vxlan id 42 remote 10.2.0.2');
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'delivered at n1');
  });

  it.each([
    ['a router on the way', 'router', 'iptables -A FORWARD -p udp --dport 4789 -j DROP', 'dropped at router'],
    ['the receiver', 'n2', 'iptables -A INPUT -p udp --dport 4789 -j DROP', 'dropped at n2'],
    [
      'the receiver, on the way back',
      'n2',
      'iptables -A OUTPUT -p udp --dport 4789 -j DROP',
      'dropped at n2',
    ],
    [
      'a router that does not forward',
      'router',
      'sysctl -qw net.ipv4.ip_forward=0',
      'not-forwarded at router',
    ],
    ['no route below', 'n1', 'ip route delete default', 'no-route at n1'],
  ])('%s stops the outer packet', async (_what, where, command, there) => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, `${OPTIONS} remote 10.1.0.2`);
    await up();
    await net.run(where, command);
    await agree(ping('n1', '10.9.0.2'), there);
  });

  it('a permanent neighbour and a fixed entry: right, stale, missing', async () => {
    await nodes(`${OPTIONS} nolearning`, `${OPTIONS} nolearning`);
    await up();
    const [one, two] = [await macOf(net, 'n1', 'vx'), await macOf(net, 'n2', 'vx')];
    await net.run('n1', `ip neighbour add 10.9.0.2 lladdr ${two} dev vx nud permanent`);
    await agree(ping('n1', '10.9.0.2'), 'neighbour-unresolved at n1');
    await net.run('n1', `bridge fdb append ${two} dev vx dst 10.2.0.2`);
    await net.run('n2', `ip neighbour add 10.9.0.1 lladdr ${one} dev vx nud permanent`);
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'neighbour-unresolved at n2');
    await net.run('n2', `bridge fdb append ${one} dev vx dst 10.1.0.2`);
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'delivered at n1');
    await net.run('n1', `bridge fdb replace ${two} dev vx dst 10.2.0.1`);
    await agree(ping('n1', '10.9.0.2'), 'dropped at router');
  });

  it('a fixed entry for the sender, on an end that learns: what comes from elsewhere is dropped', async () => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, `${OPTIONS} remote 10.1.0.2`);
    await up();
    const mac = await macOf(net, 'n1', 'vx');
    await net.run('n2', `bridge fdb replace ${mac} dev vx dst 10.2.0.1`);
    await agree(ping('n1', '10.9.0.2'), 'filtered-source at n2');
  });
});

describe('vxlan interfaces on bridges', () => {
  it('containers behind three nodes, each with all the others as remotes', async () => {
    await net.namespaces('sw', 'n1', 'n2', 'n3', 'c1', 'c2', 'c3');
    for (const n of [1, 2, 3]) await net.wire(`n${n}/eth0 10.8.0.${n}/24`, `sw/p${n}`);
    await net.bridge('sw/br0', 'p1', 'p2', 'p3');
    // Only now: a neighbour that was asked for too early is asked for again a second later.
    for (const n of [1, 2, 3]) {
      await net.wire(`c${n}/eth0 10.9.0.${n}/24`, `n${n}/v`);
      await net.run(`n${n}`, `ip link add vx type vxlan id 7 dstport 4789 local 10.8.0.${n}`);
      await net.bridge(`n${n}/br0`, 'v', 'vx');
      await net.run(`n${n}`, 'ip link set vx up');
      for (const m of [1, 2, 3])
        if (m !== n)
          await net.run(`n${n}`, `bridge fdb append 00:00:00:00:00:00 dev vx dst 10.8.0.${m} self permanent`);
    }
    await hasty(net, 'n1', 'n2', 'n3', 'c1', 'c2', 'c3', 'sw');
    await agree(ping('c1', '10.9.0.3'), 'delivered at c3', 'delivered at c1');
    await agree(ping('c1', '10.9.0.2'), 'delivered at c2', 'delivered at c1');
    await agree(ping('c2', '10.9.0.9'), 'neighbour-unresolved at c2');
    await disturb(net, 'n3', ['ip link set vx down']);
    await net.run('c1', 'ip neighbour flush all');
    await agree(ping('c1', '10.9.0.3'), 'link-down at n3');
  });

  it('a tunnel that answers for its neighbours (proxy) lets no answer of ARP out', async () => {
    await nodes(`${OPTIONS} remote 10.2.0.2`, `${OPTIONS} remote 10.1.0.2 proxy`);
    await up();
    await agree(ping('n1', '10.9.0.2'), 'neighbour-unresolved at n1');
    await net.run(
      'n2',
      `ip neighbour replace 10.9.0.1 lladdr ${await macOf(net, 'n1', 'vx')} dev vx nud permanent`,
    );
    await agree(ping('n2', '10.9.0.1'), 'delivered at n1', 'neighbour-unresolved at n1');
    await net.run(
      'n1',
      `ip neighbour replace 10.9.0.2 lladdr ${await macOf(net, 'n2', 'vx')} dev vx nud permanent`,
    );
    await agree(ping('n1', '10.9.0.2'), 'delivered at n2', 'delivered at n1');
  });

  it('a tunnel that answers for its neighbours (proxy), moved away from where its packets are routed', async () => {
    await net.namespaces('n1', 'n2', 'o1', 'o2', 'c1', 'c2');
    await net.wire('n1/eth0 10.8.0.1/24', 'n2/eth0 10.8.0.2/24');
    for (const n of [1, 2]) {
      await net.run(
        `n${n}`,
        `ip link add vx netns o${n} type vxlan id 4097 dstport 4789 proxy l2miss l3miss`,
      );
      await net.wire(`c${n}/eth0 10.9.0.${n}/24`, `o${n}/v`);
      await net.bridge(`o${n}/br0`, 'v', 'vx');
      await net.run(`o${n}`, 'ip link set vx up');
    }
    await hasty(net, 'n1', 'n2', 'o1', 'o2', 'c1', 'c2');
    await agree(ping('c1', '10.9.0.2'), 'neighbour-unresolved at c1');
    for (const [n, m] of [
      [1, 2],
      [2, 1],
    ]) {
      const mac = await macOf(net, `c${m}`, 'eth0');
      await net.run(`o${n}`, `ip neighbour add 10.9.0.${m} lladdr ${mac} dev vx nud permanent`);
      await net.run(`o${n}`, `bridge fdb add ${mac} dev vx dst 10.8.0.${m} self permanent`);
    }
    await agree(ping('c1', '10.9.0.2'), 'delivered at c2', 'delivered at c1');
    await net.run('n2', 'iptables -A INPUT -p udp --dport 4789 -j DROP');
    await agree(ping('c1', '10.9.0.2'), 'dropped at n2');
  });

  it('a tunnel made for an interface: what it was told is bound to that, and who was heard is answered by any route', async () => {
    await net.namespaces('n1', 'n2', 'o1');
    await net.wire('n1/eth0 10.8.0.1/24', 'n2/eth0 10.8.0.2/24');
    await net.wire('n1/aside 192.168.7.1/24', 'n1/other');
    // Its own namespace names the interface by a number.
    await net.run('n1', 'ip link add vx netns o1 type vxlan id 7 dstport 4789 remote 10.8.0.2 dev aside');
    await net.run('n2', 'ip link add vx type vxlan id 7 dstport 4789 remote 10.8.0.1 dev eth0');
    for (const [place, end] of [
      ['o1', 1],
      ['n2', 2],
    ] as const) {
      await net.run(place, `ip address add 10.9.0.${end}/24 dev vx`);
      await net.run(place, 'ip link set vx up');
    }
    await hasty(net, 'n1', 'n2', 'o1');
    await agree(ping('o1', '10.9.0.2'), 'neighbour-unresolved at n1');
    await agree(ping('n2', '10.9.0.1'), 'delivered at o1', 'delivered at n2');
  });
});
