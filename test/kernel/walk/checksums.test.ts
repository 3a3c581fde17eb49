import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { startOpenvSwitch, type OpenvSwitch } from '../../support/openvswitch.ts';
import { switchedPair } from '../../support/ovs-network.ts';
import { withoutTun } from '../../support/tun.ts';

const missing = withoutTun();

/** A command, where it is run. */
type Command = readonly [namespace: string, command: string];

interface Case {
  readonly what: string;
  readonly make?: (net: TestNetwork) => Promise<void>;
  readonly commands?: readonly Command[];
  /** What is asked by red, and what comes of it. */
  readonly asked: Readonly<Record<string, 'reply' | 'refused' | 'timeout' | 'unreachable'>>;
}

const LEFT: readonly Command[] = [
  ['red', 'ethtool -K eth0 tx on'],
  ['blue', 'ethtool -K eth0 tx on'],
];
const BLUES: readonly Command[] = [['blue', 'ethtool -K eth0 tx on']];

/** A tunnel of both over their wires; what `ip link add … type vxlan` is told beside. */
const tunnels =
  (dev: string, network: string, words: string) =>
  async (net: TestNetwork): Promise<void> => {
    for (const [name, own, other] of [
      ['red', 2, 3],
      ['blue', 3, 2],
    ] as const) {
      await net.run(
        name,
        `ip link add vx type vxlan id 5 remote ${network}${other} dstport 4789 dev ${dev} ${words}`,
      );
      await net.run(name, `ip address add 10.9.0.${own}/24 dev vx`);
      await net.run(name, 'ip link set vx up mtu 1400');
    }
  };

/** Their addresses lie on a bridge, and their wires are its ports. */
const bridged = async (net: TestNetwork): Promise<void> => {
  for (const [name, own] of [
    ['red', 2],
    ['blue', 3],
  ] as const) {
    await net.run(name, 'ip address flush dev eth0');
    await net.run(name, 'ip link add b0 type bridge');
    await net.run(name, 'ip link set eth0 master b0');
    await net.run(name, `ip address add 10.0.0.${own}/24 dev b0`);
    await net.run(name, `ip address add fd00::${own}/64 dev b0 nodad`);
    await net.run(name, 'ip link set b0 up');
  }
};

const six = async (net: TestNetwork): Promise<void> => {
  await net.run('red', 'ip address add fd00::2/64 dev eth0 nodad');
  await net.run('blue', 'ip address add fd00::3/64 dev eth0 nodad');
};

const both =
  (...parts: readonly ((net: TestNetwork) => Promise<void>)[]) =>
  async (net: TestNetwork): Promise<void> => {
    for (const part of parts) await part(net);
  };

/** Where not even ARP passes: that nobody answers is known at once. */
const giveUpSoon = (net: TestNetwork): Promise<void> => hasty(net, 'red', 'blue');

const CASES: readonly Case[] = [
  {
    what: 'a socket’s reset: IPv4’s is whole, IPv6’s is left',
    make: six,
    commands: BLUES,
    asked: { '10.0.0.3:81': 'refused', '[fd00::3]:81': 'timeout' },
  },
  {
    what: 'a rule’s reset: IPv4’s is left, IPv6’s is whole',
    make: six,
    commands: [
      ...BLUES,
      ['blue', 'iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset'],
      ['blue', 'ip6tables -A INPUT -p tcp -j REJECT --reject-with tcp-reset'],
    ],
    asked: { '10.0.0.3:81': 'timeout', '[fd00::3]:81': 'refused' },
  },
  {
    what: 'a rule answers nothing to what is damaged',
    commands: [
      ['red', 'ethtool -K eth0 tx on'],
      ['blue', 'iptables -A INPUT -p tcp -j REJECT'],
    ],
    asked: { '10.0.0.3:80': 'timeout' },
  },
  {
    what: 'a tunnel without checksums of its own: what is in it is left',
    make: tunnels('eth0', '10.0.0.', 'noudpcsum'),
    commands: LEFT,
    asked: { '10.9.0.3': 'reply', '10.9.0.3:80': 'timeout' },
  },
  {
    what: 'a tunnel with checksums of its own: nothing arrives',
    make: both(tunnels('eth0', '10.0.0.', 'udpcsum'), giveUpSoon),
    commands: LEFT,
    asked: { '10.9.0.3': 'unreachable', '10.9.0.3:80': 'unreachable' },
  },
  {
    what: 'a tunnel that makes what is in it whole',
    make: both(tunnels('eth0', '10.0.0.', 'noudpcsum'), async (net) => {
      for (const name of ['red', 'blue']) await net.run(name, 'ethtool -K vx tx off');
    }),
    commands: LEFT,
    asked: { '10.9.0.3': 'reply', '10.9.0.3:80': 'reply' },
  },
  {
    what: 'a wire that makes everything whole',
    make: tunnels('eth0', '10.0.0.', 'udpcsum'),
    asked: { '10.9.0.3': 'reply', '10.9.0.3:80': 'reply' },
  },
  {
    what: 'a bridge leaves what it sends itself, and not what is in a tunnel',
    make: both(bridged, tunnels('b0', '10.0.0.', 'noudpcsum')),
    commands: LEFT,
    asked: { '10.0.0.3:80': 'timeout', '10.9.0.3:80': 'reply' },
  },
  {
    what: 'a tunnel over IPv6, which has checksums',
    make: both(bridged, tunnels('b0', 'fd00::', ''), giveUpSoon),
    commands: LEFT,
    asked: { '10.9.0.3': 'unreachable' },
  },
  {
    what: 'a tunnel over IPv6 without checksums',
    make: both(bridged, tunnels('b0', 'fd00::', 'udp6zerocsumtx udp6zerocsumrx')),
    commands: LEFT,
    asked: { '10.9.0.3': 'reply', '10.9.0.3:80': 'reply' },
  },
];

describe.skipIf(missing !== null)(
  `checksums through a switch that is a program${missing === null ? '' : ` (${missing})`}`,
  () => {
    let net: TestNetwork;
    let ovs: OpenvSwitch;
    beforeEach(async () => {
      net = await buildNetwork();
      ovs = await startOpenvSwitch();
      await switchedPair(net, ovs);
    });
    afterEach(async () => {
      await ovs[Symbol.asyncDispose]();
      await net.close();
    });

    it.each(CASES)('$what', async ({ make, commands = [], asked }) => {
      await make?.(net);
      for (const [namespace, command] of commands) await net.run(namespace, command);
      for (const [to, outcome] of Object.entries(asked)) {
        const real = await ask({ from: 'netns:red', to });
        expect.soft(real.probe.outcome, `${to} ${brief(real)}`).toBe(outcome);
        expect.soft(real.probe.agrees, `${to} ${brief(real)}`).toBe(true);
        if (outcome === 'timeout' || outcome === 'unreachable')
          expect
            .soft(
              real.causes.map(({ id }) => id),
              brief(real),
            )
            .toContain('checksum-offload');
      }
    });

    it('a router leaves what it passes on, and finishes what its own device is told to', async () => {
      await net.namespaces('green');
      await net.wire('green/eth0 10.1.0.2/24', 'red/r0 10.1.0.1/24');
      await net.run('red', 'sysctl -w net.ipv4.ip_forward=1');
      await net.run('green', 'ip route add default via 10.1.0.1');
      await net.run('blue', 'ip route add default via 10.0.0.2');
      const outcome = async (): Promise<unknown> => {
        const real = await ask({ from: 'netns:green', to: '10.0.0.3:80' });
        expect.soft(real.probe.agrees, brief(real)).toBe(true);
        return real.probe.outcome;
      };
      expect(await outcome()).toBe('reply');
      await net.run('red', 'ethtool -K eth0 tx on');
      expect(await outcome()).toBe('timeout');
      await net.run('green', 'ethtool -K eth0 tx off');
      expect(await outcome()).toBe('reply');
    });
  },
);
