import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import type { OtherFlows } from '../../../diagnostics/model/flow-effects.ts';
import { brief, type Asked } from '../../support/cause-case.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';
import { askWith, flowsOf, testEffects, type EffectsCase } from './effects-case.ts';

/** Besides red, router and blue: green beside red, and a server in each. */
async function routedFour(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await net.namespaces('green');
  await net.wire('green/eth0 10.0.3.2/24', 'router/rg 10.0.3.1/24');
  await net.run('green', 'ip route add default via 10.0.3.1');
  await net.listen('green', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'tcp', port: 443 });
  await hasty(net, 'red', 'router', 'blue', 'green');
}

/** The same with both families, and a server of UDP beside each of TCP. */
async function bothFamilies(net: TestNetwork): Promise<void> {
  await routedFour(net);
  for (const [node, port, at] of [
    ['red', 'ra', 1],
    ['blue', 'rb', 2],
    ['green', 'rg', 3],
  ] as const) {
    await net.run('router', `ip address add fd00:${at}::1/64 dev ${port} nodad`);
    await net.run(node, `ip address add fd00:${at}::2/64 dev eth0 nodad`);
    await net.run(node, `ip -6 route add default via fd00:${at}::1`);
  }
  await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await net.listen('blue', { protocol: 'tcp', port: 8080, address: '::' });
  await net.listen('blue', { protocol: 'udp', port: 53, address: '::' });
  await net.listen('green', { protocol: 'udp', port: 53 });
  await hasty(net, 'red', 'router', 'blue', 'green');
}

async function bridgedThree(net: TestNetwork): Promise<void> {
  await bridgedPair(net);
  await net.namespaces('green');
  await net.wire('green/eth0 10.0.0.4/24', 'host/vg');
  await net.run('host', 'ip link set vg master br0');
  await net.listen('green', { protocol: 'tcp', port: 80 });
  await hasty(net, 'red', 'blue', 'green');
}

const RED_TO_BLUE: Asked = { from: 'netns:red', to: '10.0.2.2:80' };

const RED_TO_BLUE_SIX: Asked = { from: 'netns:red', to: '[fd00:2::2]:8080' };
const RED_TO_NAMES: Asked = { from: 'netns:red', to: '10.0.2.2', protocol: 'udp', port: 53 };

const CASES: readonly EffectsCase[] = [
  {
    title: 'a rule for one flow opens no other',
    make: async (net) => {
      await routedFour(net);
      await net.run('router', 'iptables -P FORWARD DROP');
      await net.run('router', 'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT');
    },
    asked: RED_TO_BLUE,
    causes: ['policy-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'forwarding opens every way through the router',
    make: async (net) => {
      await routedFour(net);
      await net.run('router', 'sysctl -qw net.ipv4.ip_forward=0');
    },
    asked: RED_TO_BLUE,
    causes: ['ip-forward-off'],
    opens: 8,
    closes: 0,
  },
  {
    title: 'a port that is no longer isolated meets all others',
    make: async (net) => {
      await bridgedThree(net);
      for (const port of ['vr', 'vb', 'vg']) await net.run('host', `bridge link set dev ${port} isolated on`);
    },
    asked: { from: 'netns:red', to: '10.0.0.3:80' },
    causes: ['bridge-port-blocked'],
    opens: 2,
    closes: 0,
  },
  {
    title: 'without the route of a VPN, what is behind the VPN is out of reach',
    make: async (net) => {
      await routedFour(net);
      await net.namespaces('vpn', 'office');
      await net.wire('red/tun0 10.8.0.2/24', 'vpn/eth0 10.8.0.1/24');
      await net.wire('vpn/eth1 10.0.2.65/26', 'office/eth0 10.0.2.66/26');
      await net.run('vpn', 'sysctl -qw net.ipv4.ip_forward=1');
      await net.run('vpn', 'ip route add 10.0.1.0/24 via 10.8.0.2');
      await net.run('office', 'ip route add default via 10.0.2.65');
      await net.listen('office', { protocol: 'tcp', port: 80 });
      await disturb(net, 'red', ['ip route add 10.0.2.0/24 via 10.8.0.1']);
      await hasty(net, 'vpn', 'office', 'red');
    },
    asked: RED_TO_BLUE,
    causes: ['more-specific-route'],
    opens: 1,
    closes: 1,
  },
  {
    title: 'an interface that comes up is there for everybody',
    make: async (net) => {
      await routedFour(net);
      await disturb(net, 'router', ['ip link set rb down']);
    },
    asked: RED_TO_BLUE,
    causes: ['interface-down'],
    opens: 6,
    closes: 0,
  },
  {
    title: 'forwarding of IPv6 opens every way of IPv6, and none of IPv4',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=0');
    },
    asked: RED_TO_BLUE_SIX,
    causes: ['ip-forward-off'],
    opens: 8,
    closes: 0,
  },
  {
    title: 'forwarding of IPv4 opens no way of IPv6, and those of UDP',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'sysctl -qw net.ipv4.ip_forward=0');
    },
    asked: RED_TO_NAMES,
    causes: ['ip-forward-off'],
    opens: 14,
    closes: 0,
  },
  {
    title: 'a rule for one flow of IPv6 opens no other',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'ip6tables -P FORWARD DROP');
      await net.run('router', 'ip6tables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT');
    },
    asked: RED_TO_BLUE_SIX,
    causes: ['policy-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'a rule for one flow of UDP opens no other',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'iptables -P FORWARD DROP');
      await net.run('router', 'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT');
    },
    asked: RED_TO_NAMES,
    causes: ['policy-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'a rule that stops UDP for everybody',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'iptables -A FORWARD -p udp -j DROP');
    },
    asked: RED_TO_NAMES,
    causes: ['filter-drop'],
    opens: 0,
    closes: 0,
  },
  {
    title: 'an interface that comes up is there for both families',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1');
      await disturb(net, 'router', ['ip link set rb down']);
    },
    asked: RED_TO_NAMES,
    causes: ['interface-down'],
    opens: 12,
    closes: 0,
  },
  {
    title: 'a route of IPv6 that refuses, taken away for everybody behind the router',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'ip -6 route add unreachable fd00:2::2');
    },
    asked: RED_TO_BLUE_SIX,
    causes: ['blackhole-route'],
    opens: 4,
    closes: 0,
  },
  {
    title: 'a neighbour that was written by hand wrongly, for whoever comes by the router',
    make: async (net) => {
      await bothFamilies(net);
      await net.run('router', 'ip -6 neigh replace fd00:2::2 lladdr 02:00:00:00:00:99 dev rb nud permanent');
    },
    asked: RED_TO_BLUE_SIX,
    causes: ['stale-neighbour'],
    opens: 4,
    closes: 0,
  },
];

CASES.forEach(testEffects);

function onlyFlows(diagnosis: Diagnosis): OtherFlows {
  const [flows] = flowsOf(diagnosis);
  if (!flows) throw new Error(`no cause: ${brief(diagnosis)}`);
  return flows;
}

test('a question that works has no fixes, and nobody walks other flows', async () => {
  await using net = await buildNetwork();
  await routedFour(net);
  const answer = await askWith(RED_TO_BLUE);
  expect(answer.verdict, brief(answer)).toBe('reachable');
  expect(answer.causes).toEqual([]);
});

test('in Chinese, the same flows are told in Chinese', async () => {
  await using net = await buildNetwork();
  await routedFour(net);
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=0');
  const [english, chinese] = [await askWith(RED_TO_BLUE), await askWith(RED_TO_BLUE, 'zh-cn')];
  const { text, ...facts } = onlyFlows(chinese);
  expect(facts).toEqual({ ...onlyFlows(english), text: undefined });
  expect(text[0]).toMatch(/^会打通 /);
  // The general sentence makes way for the flows.
  expect(english.causes[0]?.fixes[0]?.sideEffects).toEqual([]);
});
