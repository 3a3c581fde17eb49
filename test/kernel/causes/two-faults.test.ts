import { expect, test } from 'vitest';
import { ask, brief, type Asked } from '../../support/cause-case.ts';
import { hasty, namesOf } from '../../support/hasty.ts';
import { mendInTurn } from '../../support/in-turn.ts';
import { connectionsEnded } from '../../support/neighbours.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { tunnelled } from '../../support/overlay.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

/** Two faults of different kinds at once, in the order in which the packet meets them, mended one after the other. */
interface Pair {
  readonly healthy: (net: TestNetwork) => Promise<void>;
  readonly ask: Asked;
  readonly faults: readonly (readonly [where: string, command: string])[];
  readonly causes: readonly string[];
}

/** red behind home, whose address the provider's router knows; a server behind that. */
async function homeAndProvider(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'home', 'provider', 'server');
  await net.wire('red/eth0 192.168.7.2/24', 'home/lan 192.168.7.1/24');
  await net.wire('home/wan 203.0.113.2/30', 'provider/down 203.0.113.1/30');
  await net.wire('provider/up 198.51.100.1/24', 'server/eth0 198.51.100.9/24');
  for (const router of ['home', 'provider']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('red', 'ip route add default via 192.168.7.1');
  await net.run('home', 'ip route add default via 203.0.113.1');
  await net.run('server', 'ip route add default via 198.51.100.1');
  for (const lan of [8, 7])
    await net.run('home', `iptables -t nat -A POSTROUTING -s 192.168.${lan}.0/24 -o wan -j MASQUERADE`);
  await net.listen('server', { protocol: 'tcp', port: 443 });
}
const NOT_MASQUERADED = [
  'home',
  'iptables -t nat -D POSTROUTING -s 192.168.7.0/24 -o wan -j MASQUERADE',
] as const;
const toServer = { from: 'netns:red', to: '198.51.100.9:443' };

/** red – router – blue, where the router puts its own address on what goes to blue. */
async function rewritten(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await net.run('blue', 'ip route del default');
  await net.run('router', 'iptables -t nat -A POSTROUTING -o rb -j SNAT --to-source 10.0.2.1');
}
const GIVEN_TO_NOBODY = [
  'router',
  'iptables -t nat -R POSTROUTING 1 -o rb -j SNAT --to-source 10.0.2.50',
] as const;
const toBlue = { from: 'netns:red', to: '10.0.2.2:80' };

const OTHER_NUMBER = [
  ['n2', 'ip link delete vx0'],
  ['n2', 'ip link add vx0 type vxlan id 43 dstport 4789 remote 10.1.0.1'],
  ['n2', 'ip address add 10.9.0.2/24 dev vx0'],
  ['n2', 'ip link set vx0 up'],
  ['n1', 'ip neighbour flush dev vx0'],
] as const;
const throughTunnel = { from: 'netns:n1', to: '10.9.0.2:80' };

const WRONG_NEIGHBOUR = [
  'red',
  'ip neighbour replace 10.0.0.3 lladdr 02:00:00:00:aa:aa dev eth0 nud permanent',
] as const;
const onBridge = { from: 'netns:red', to: '10.0.0.3:80' };

const PAIRS: Readonly<Record<string, Pair>> = {
  'a private sender that is not masqueraded, and a server that has lost its way back': {
    healthy: homeAndProvider,
    ask: toServer,
    faults: [NOT_MASQUERADED, ['server', 'ip route del default']],
    causes: ['missing-masquerade', 'no-return-route'],
  },
  'a private sender that is not masqueraded, and a provider that drops the answers': {
    healthy: homeAndProvider,
    ask: toServer,
    faults: [NOT_MASQUERADED, ['provider', 'iptables -A FORWARD -p tcp --sport 443 -j DROP']],
    causes: ['missing-masquerade', 'filter-drop'],
  },
  'a private sender that is not masqueraded, and a provider that rejects the requests': {
    healthy: homeAndProvider,
    ask: toServer,
    faults: [NOT_MASQUERADED, ['provider', 'iptables -A FORWARD -p tcp --dport 443 -j REJECT']],
    causes: ['filter-reject', 'missing-masquerade'],
  },
  'a private sender that is not masqueraded, and a provider without the way to the server': {
    healthy: homeAndProvider,
    ask: toServer,
    faults: [NOT_MASQUERADED, ['provider', 'ip route add blackhole 198.51.100.9/32']],
    causes: ['blackhole-route', 'missing-masquerade'],
  },
  'a sender’s address of nobody’s, and a receiver that drops the request': {
    healthy: rewritten,
    ask: toBlue,
    faults: [GIVEN_TO_NOBODY, ['blue', 'iptables -A INPUT -p tcp --dport 80 -j DROP']],
    causes: ['filter-drop', 'snat-elsewhere'],
  },
  'a sender’s address of nobody’s, and a router that drops the answer': {
    healthy: rewritten,
    ask: toBlue,
    faults: [GIVEN_TO_NOBODY, ['router', 'iptables -A FORWARD -p tcp --sport 80 -j DROP']],
    causes: ['snat-elsewhere', 'filter-drop'],
  },
  'a sender’s address of nobody’s, and a router that forwards nothing': {
    healthy: rewritten,
    ask: toBlue,
    faults: [GIVEN_TO_NOBODY, ['router', 'sysctl -qw net.ipv4.ip_forward=0']],
    causes: ['ip-forward-off', 'snat-elsewhere'],
  },
  'another tunnel number, and a receiver that drops the tunnel’s port': {
    healthy: tunnelled,
    ask: throughTunnel,
    faults: [...OTHER_NUMBER, ['n2', 'iptables -A INPUT -p udp --dport 4789 -j DROP']],
    causes: ['tunnel-port-blocked', 'tunnel-id-mismatch'],
  },
  'another tunnel number, and a sender that drops the tunnel’s port': {
    healthy: tunnelled,
    ask: throughTunnel,
    faults: [...OTHER_NUMBER, ['n1', 'iptables -A OUTPUT -p udp --dport 4789 -j DROP']],
    causes: ['tunnel-port-blocked', 'tunnel-id-mismatch'],
  },
  'another tunnel number, and a way back on which the tunnel’s port is dropped': {
    healthy: tunnelled,
    ask: throughTunnel,
    faults: [...OTHER_NUMBER, ['n1', 'iptables -A INPUT -p udp --dport 4789 -j DROP']],
    causes: ['tunnel-id-mismatch', 'tunnel-port-blocked'],
  },
  'a wrong neighbour, and a receiver that rejects': {
    healthy: bridgedPair,
    ask: onBridge,
    faults: [WRONG_NEIGHBOUR, ['blue', 'iptables -A INPUT -p tcp --dport 80 -j REJECT']],
    causes: ['stale-neighbour', 'filter-reject'],
  },
  'a wrong neighbour, and a sender that rejects what it sends': {
    healthy: bridgedPair,
    ask: onBridge,
    faults: [WRONG_NEIGHBOUR, ['red', 'iptables -A OUTPUT -p tcp --dport 80 -j REJECT']],
    causes: ['filter-reject', 'stale-neighbour'],
  },
  'a wrong neighbour on the way back, and a router that rejects': {
    healthy: routedPair,
    ask: toBlue,
    faults: [
      ['router', 'ip neighbour replace 10.0.1.2 lladdr 02:00:00:00:aa:aa dev ra nud permanent'],
      ['router', 'iptables -A FORWARD -p tcp --dport 80 -j REJECT'],
    ],
    causes: ['filter-reject', 'stale-neighbour'],
  },
};

test.each(Object.entries(PAIRS))('%s', async (_, pair) => {
  await using net = await buildNetwork();
  await pair.healthy(net);
  await hasty(net, ...(await namesOf(net)));
  const before = await ask(pair.ask);
  expect([before.verdict, before.causes], brief(before)).toEqual(['reachable', []]);

  await connectionsEnded(net, ...(await namesOf(net)));
  for (const [where, command] of pair.faults) await net.run(where, command);
  const broken = await ask(pair.ask);
  expect([broken.verdict, broken.probe.agrees, ...broken.causes.map(({ id }) => id)], brief(broken)).toEqual([
    'unreachable',
    true,
    ...pair.causes,
  ]);
  for (const { fixes } of broken.causes) expect(fixes[0]?.proven, brief(broken)).toBe(true);
  await mendInTurn(net, pair.ask, broken);
});
