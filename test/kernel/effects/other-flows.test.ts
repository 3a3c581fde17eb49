import { expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import type { OtherFlows } from '../../../diagnostics/model/flow-effects.ts';
import { applyFixes } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { why } from '../../../diagnostics/why.ts';
import { ask, bridgedPair, brief, routedPair, type Asked } from '../../support/cause-case.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { flowLine, passingFlows } from '../../support/kernel-flows.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

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

interface Case {
  readonly title: string;
  readonly make: (net: TestNetwork) => Promise<void>;
  readonly asked: Asked;
  readonly cause: string;
  /** Which of its fixes. */
  readonly fix?: number;
  /** How many other flows it has to open and close, at least. */
  readonly opens: number;
  readonly closes: number;
}

const RED_TO_BLUE: Asked = { from: 'netns:red', to: '10.0.2.2:80' };

const RED_TO_BLUE_SIX: Asked = { from: 'netns:red', to: '[fd00:2::2]:8080' };
const RED_TO_NAMES: Asked = { from: 'netns:red', to: '10.0.2.2', protocol: 'udp', port: 53 };

const CASES: readonly Case[] = [
  {
    title: 'a rule for one flow opens no other',
    make: async (net) => {
      await routedFour(net);
      await net.run('router', 'iptables -P FORWARD DROP');
      await net.run('router', 'iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT');
    },
    asked: RED_TO_BLUE,
    cause: 'policy-drop',
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
    cause: 'ip-forward-off',
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
    cause: 'bridge-port-blocked',
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
    cause: 'more-specific-route',
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
    cause: 'interface-down',
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
    cause: 'ip-forward-off',
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
    cause: 'ip-forward-off',
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
    cause: 'policy-drop',
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
    cause: 'policy-drop',
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
    cause: 'filter-drop',
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
    cause: 'interface-down',
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
    cause: 'blackhole-route',
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
    cause: 'stale-neighbour',
    opens: 4,
    closes: 0,
  },
];

const askWith = (asked: Asked, language: 'en' | 'zh-cn' = 'en'): Promise<Diagnosis> =>
  why(
    createLiveSource(openMachine()),
    { protocol: null, port: null, ...asked },
    { language, probe: true, otherFlows: true, timeoutMilliseconds: 1200 },
  );

/** Of the chosen fix; with nobody asked for it, nothing is said. */
function flowsOf(diagnosis: Diagnosis, fix: number): OtherFlows {
  const flows = diagnosis.causes[0]?.fixes[fix]?.otherFlows;
  if (!flows) throw new Error(`no other flows: ${brief(diagnosis)}`);
  return flows;
}

test.each(CASES)('$title', async ({ make, asked, cause, fix = 0, opens, closes }) => {
  await using net = await buildNetwork();
  await make(net);
  const before = await passingFlows();
  const broken = await askWith(asked);
  expect(
    broken.causes.map(({ id }) => id),
    brief(broken),
  ).toEqual([cause]);
  const said = flowsOf(broken, fix);
  expect(said.unread, JSON.stringify(said)).toEqual([]);
  expect(said.opens.length, JSON.stringify(said)).toBeGreaterThanOrEqual(opens);
  expect(said.closes.length, JSON.stringify(said)).toBeGreaterThanOrEqual(closes);
  if (opens + closes === 0)
    expect(said.text).toEqual([expect.stringMatching(/^None of the \d+ other flows/)]);

  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run, fix });
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
  const after = await passingFlows();
  const own = flowLine({
    ...{ from: asked.from, protocol: asked.protocol ?? 'tcp', port: broken.flow.port },
    address: broken.flow.address ?? '',
  });
  const only = (these: ReadonlySet<string>, those: ReadonlySet<string>): readonly string[] =>
    [...these].filter((line) => !those.has(line) && line !== own).toSorted();
  expect(said.opens.map(flowLine).toSorted(), 'opens').toEqual(only(after, before));
  expect(said.closes.map(flowLine).toSorted(), 'closes').toEqual(only(before, after));
});

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
  const { text, ...facts } = flowsOf(chinese, 0);
  expect(facts).toEqual({ ...flowsOf(english, 0), text: undefined });
  expect(text[0]).toMatch(/^会打通 /);
  // The general sentence makes way for the flows.
  expect(english.causes[0]?.fixes[0]?.sideEffects).toEqual([]);
});
