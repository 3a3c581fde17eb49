import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Machine } from '../../../diagnostics/host/machine.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { startOpenvSwitch, type OpenvSwitch } from '../../support/openvswitch.ts';
import { addSwitch, plugIn, switchedPair } from '../../support/ovs-network.ts';
import { withoutTun } from '../../support/tun.ts';

const missing = withoutTun();

interface Case {
  readonly what: string;
  readonly make: (net: TestNetwork, ovs: OpenvSwitch) => Promise<void>;
  /** `ovs-vsctl` commands. */
  readonly changes?: readonly string[];
  /** Flows, by bridge. */
  readonly flows?: readonly (readonly [string, string])[];
  /** FROM and TO, and whether it is reachable. */
  readonly asked: readonly (readonly [string, string, boolean])[];
}

/** br1 with green, joined to br0 by patch ports. */
const patched: Case['make'] = async (net, ovs) => {
  await addSwitch(ovs, 'br1');
  await net.namespaces('green');
  await plugIn(net, ovs, 'br1', 'green/eth0 10.0.0.4/24', 'vg');
  await net.listen('green', { protocol: 'tcp', port: 80 });
  await ovs.vsctl(
    ...['add-port', 'br0', 'p0', '--', 'set', 'interface', 'p0', 'type=patch', 'options:peer=p1'],
    ...['--', 'add-port', 'br1', 'p1', '--', 'set', 'interface', 'p1', 'type=patch', 'options:peer=p0'],
  );
};

/** An internal port of br0, given to a namespace of its own. */
const internal: Case['make'] = async (net, ovs) => {
  await net.namespaces('gw');
  await ovs.vsctl('add-port', 'br0', 'int0', '--', 'set', 'interface', 'int0', 'type=internal');
  await net.run('host', 'ip link set int0 netns gw');
  await net.run('gw', 'ip address add 10.0.0.9/24 dev int0');
  await net.run('gw', 'ip link set int0 up');
  await net.listen('gw', { protocol: 'tcp', port: 80 });
};

/** An internal port beside the switch, in the host's namespace, that is up and has an address. */
const own: Case['make'] = async (net, ovs) => {
  await ovs.vsctl('add-port', 'br0', 'int1', '--', 'set', 'interface', 'int1', 'type=internal');
  await net.run('host', 'ip address add 10.0.0.254/24 dev int1');
  await net.run('host', 'ip link set int1 up');
  await net.listen('host', { protocol: 'tcp', port: 80 });
};

const six: Case['make'] = async (net) => {
  await net.run('red', 'ip address add fd00::2/64 dev eth0 nodad');
  await net.run('blue', 'ip address add fd00::3/64 dev eth0 nodad');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::', v6only: true });
};

const CASES: readonly Case[] = [
  {
    what: 'two bridges that patch ports join',
    make: patched,
    asked: [
      ['red', '10.0.0.4', true],
      ['red', '10.0.0.4:80', true],
      ['green', '10.0.0.3:80', true],
    ],
  },
  {
    what: 'the second bridge drops',
    make: patched,
    flows: [['br1', 'tcp,tp_dst=80,in_port=p1,actions=drop']],
    asked: [
      ['red', '10.0.0.4', true],
      ['red', '10.0.0.4:80', false],
      ['green', '10.0.0.3:80', true],
    ],
  },
  {
    what: 'a VLAN through patch ports',
    make: patched,
    changes: ['set port vr tag=10', 'set port vg tag=10'],
    asked: [
      ['red', '10.0.0.4:80', true],
      ['green', '10.0.0.3', false],
    ],
  },
  {
    what: 'a patch port of one VLAN, which takes the tag off',
    make: patched,
    changes: ['set port vr tag=10', 'set port p0 tag=10'],
    asked: [
      ['red', '10.0.0.4:80', true],
      ['green', '10.0.0.3', false],
    ],
  },
  {
    what: 'a patch port that carries other VLANs',
    make: patched,
    changes: ['set port vr tag=10', 'set port vg tag=10', 'set port p1 trunks=20,30'],
    asked: [['red', '10.0.0.4:80', false]],
  },
  {
    what: 'flows that send to a patch port by its name',
    make: patched,
    flows: [
      ['br0', 'priority=9,in_port=vr,actions=output:p0'],
      ['br0', 'priority=9,in_port=p0,actions=output:vr'],
    ],
    asked: [
      ['red', '10.0.0.4:80', true],
      ['red', '10.0.0.3', false],
    ],
  },
  {
    what: 'an internal port in a namespace of its own',
    make: internal,
    asked: [
      ['red', '10.0.0.9', true],
      ['red', '10.0.0.9:80', true],
      ['gw', '10.0.0.3:80', true],
    ],
  },
  {
    what: 'an internal port in a namespace of its own, in another VLAN',
    make: internal,
    changes: ['set port int0 tag=7'],
    asked: [
      ['red', '10.0.0.9', false],
      ['gw', '10.0.0.3:80', false],
    ],
  },
  {
    what: 'a flow that drops what comes from an internal port',
    make: internal,
    flows: [['br0', 'in_port=int0,tcp,actions=drop']],
    asked: [
      ['gw', '10.0.0.3', true],
      ['gw', '10.0.0.3:80', false],
    ],
  },
  {
    what: 'an internal port of the host’s',
    make: own,
    asked: [
      ['host', '10.0.0.3', true],
      ['host', '10.0.0.3:80', true],
    ],
  },
  {
    what: 'IPv6 through flows',
    make: six,
    asked: [
      ['red', 'fd00::3', true],
      ['red', '[fd00::3]:80', true],
    ],
  },
  {
    what: 'a flow drops the questions of neighbour discovery',
    make: six,
    flows: [['br0', 'icmp6,icmp_type=135,actions=drop']],
    asked: [
      ['red', 'fd00::3', false],
      ['red', '10.0.0.3', true],
    ],
  },
  {
    what: 'a flow drops the answers for one address',
    make: six,
    flows: [['br0', 'icmp6,icmp_type=136,nd_target=fd00::3,actions=drop']],
    asked: [
      ['red', 'fd00::3', false],
      ['red', '10.0.0.3', true],
    ],
  },
  {
    what: 'a flow drops the answers for another address',
    make: six,
    flows: [['br0', 'icmp6,icmp_type=136,nd_target=fd00::7,actions=drop']],
    asked: [['red', 'fd00::3', true]],
  },
  {
    what: 'a flow drops a port of IPv6, and not of IPv4',
    make: six,
    flows: [['br0', 'tcp6,tp_dst=80,ipv6_src=fd00::/64,actions=drop']],
    asked: [
      ['red', '[fd00::3]:80', false],
      ['red', '10.0.0.3:80', true],
    ],
  },
];

describe.skipIf(missing !== null)(`ports of Open vSwitch${missing === null ? '' : ` (${missing})`}`, () => {
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

  const expectAnswers = async (asked: Case['asked']): Promise<void> => {
    for (const [from, to, reachable] of asked) {
      const real = await ask({ from: from === 'host' ? from : `netns:${from}`, to });
      const what = `${from} → ${to} ${brief(real)}`;
      expect.soft(real.verdict, what).toBe(reachable ? 'reachable' : 'unreachable');
      expect.soft(real.probe.agrees, what).toBe(true);
      const [leg] = real.legs;
      expect.soft(leg?.forward.certain === true && (leg.back?.certain ?? true), what).toBe(true);
      expect
        .soft(
          real.causes.map(({ id }) => id),
          what,
        )
        .toEqual(reachable ? [] : ['ovs-flow-drop']);
    }
  };

  it.each(CASES)('$what', async ({ make, changes = [], flows = [], asked }) => {
    await make(net, ovs);
    for (const change of changes) await ovs.vsctl(...change.split(' '));
    for (const [bridge, flow] of flows) await ovs.addFlow(bridge, flow);
    await expectAnswers(asked);
  });

  it.each([
    ['ovs-vsctl', 'missing-tool'],
    ['ovs-vsctl', 'not-permitted'],
    ['ovs-ofctl', 'missing-tool'],
    ['ovs-ofctl', 'not-permitted'],
    ['ethtool', 'missing-tool'],
  ] as const)('where %s is refused (%s), nothing is said for certain, and why', async (tool, problem) => {
    await ovs.addFlow('br0', 'tcp,tp_dst=81,actions=drop');
    const whole = openMachine();
    const refusing: Machine = {
      ...whole,
      run: (place, command) =>
        command.argv[0] === tool
          ? Promise.resolve({ exitCode: null, stdout: '', stderr: '', problem })
          : whole.run(place, command),
    };
    const told = problem === 'missing-tool' ? tool : 'administrator';
    const works = await ask({ from: 'netns:red', to: '10.0.0.3:80' }, true, refusing);
    expect(works.verdict, brief(works)).toBe('reachable');
    expect(works.probe.agrees, brief(works)).not.toBe(false);
    expect(works.legs[0]?.forward.certain, brief(works)).toBe(false);
    expect(works.legs[0]?.forward.doubts.join(), brief(works)).toContain(told);
    const dropped = await ask({ from: 'netns:red', to: '10.0.0.3:81' }, true, refusing);
    expect(dropped.probe.agrees, brief(dropped)).not.toBe(false);
  });

  describe('a switch whose own interface has an address, beside its ports', () => {
    beforeEach(async () => {
      await net.run('host', 'ip address add 10.0.0.254/24 dev br0');
      await net.run('host', 'ip link set br0 up');
      await net.listen('host', { protocol: 'tcp', port: 80 });
      await ovs.addFlow('br0', 'tcp,in_port=vr,tp_dst=80,actions=drop');
    });

    it('the kernel sees what comes in by a port too, and may answer before the switch does', async () => {
      const real = await ask({ from: 'netns:red', to: '10.0.0.254:80' });
      expect(real.probe.agrees, brief(real)).not.toBe(false);
      expect(real.legs[0]?.forward.certain, brief(real)).toBe(false);
      expect(real.legs[0]?.forward.doubts.join(), brief(real)).toContain('arp_ignore');
    });

    it('unless it is told to answer for an interface’s own addresses alone', async () => {
      await net.run('host', 'sysctl -w net.ipv4.conf.vr.arp_ignore=1');
      await expectAnswers([
        ['red', '10.0.0.254', true],
        ['red', '10.0.0.254:80', false],
      ]);
    });
  });

  it('a bridge that speaks only a later OpenFlow', async () => {
    await ovs.vsctl('set', 'bridge', 'br0', 'protocols=OpenFlow13');
    await expectAnswers([['red', '10.0.0.3:80', true]]);
    await ovs.addFlow('br0', 'tcp,tp_dst=80,actions=drop', 'OpenFlow13');
    await expectAnswers([
      ['red', '10.0.0.3', true],
      ['red', '10.0.0.3:80', false],
    ]);
  });
});
