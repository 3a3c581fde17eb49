import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { startOpenvSwitch, type OpenvSwitch } from '../../support/openvswitch.ts';
import { switchedPair } from '../../support/ovs-network.ts';
import { withoutTun } from '../../support/tun.ts';

const missing = withoutTun();

interface Case {
  readonly what: string;
  readonly flows?: readonly string[];
  /** `ovs-vsctl` commands. */
  readonly changes?: readonly string[];
  /** Whether ping and TCP port 80 go through. */
  readonly ping: boolean;
  readonly tcp: boolean;
}

const CASES: readonly Case[] = [
  { what: 'nothing is wrong', ping: true, tcp: true },
  {
    what: 'a flow drops TCP port 80',
    flows: ['priority=10,tcp,tp_dst=80,actions=drop'],
    ping: true,
    tcp: false,
  },
  {
    what: 'a flow drops what port 80 answers',
    flows: ['tcp,tp_src=80,actions=drop'],
    ping: true,
    tcp: false,
  },
  { what: 'a flow drops ARP', flows: ['arp,actions=drop'], ping: false, tcp: false },
  {
    what: 'a flow drops the answers of ARP',
    flows: ['arp,arp_op=2,in_port=vb,actions=drop'],
    ping: false,
    tcp: false,
  },
  {
    what: 'a flow drops ARP for others',
    flows: ['arp,arp_tpa=10.0.0.9,actions=drop'],
    ping: true,
    tcp: true,
  },
  {
    what: 'a weaker flow drops, a stronger one lets through',
    flows: ['priority=5,ip,actions=drop', 'priority=6,icmp,actions=NORMAL'],
    ping: true,
    tcp: false,
  },
  {
    what: 'a prefix and a mask',
    flows: ['priority=7,ip,nw_src=10.0.0.0/255.255.255.253,icmp,actions=drop'],
    ping: false,
    tcp: true,
  },
  {
    what: 'a second table, by resubmit and by goto_table',
    flows: [
      'priority=9,ip,actions=resubmit(,2)',
      'table=2,priority=5,actions=goto_table:4',
      'table=4,tcp,actions=drop',
      'table=4,priority=1,actions=NORMAL',
    ],
    ping: true,
    tcp: false,
  },
  { what: 'a table without a flow', flows: ['tcp,actions=resubmit(,7)'], ping: true, tcp: false },
  {
    what: 'ports wired by hand',
    flows: ['in_port=vr,actions=output:vb', 'in_port=vb,actions=output:vr'],
    changes: ['set port vr tag=10', 'set port vb tag=20'],
    ping: true,
    tcp: true,
  },
  {
    what: 'a flow sends it by another port',
    flows: ['in_port=vr,ip,actions=LOCAL'],
    ping: false,
    tcp: false,
  },
  { what: 'flooded by a flow', flows: ['actions=FLOOD'], ping: true, tcp: true },
  { what: 'the same tag', changes: ['set port vr tag=10', 'set port vb tag=10'], ping: true, tcp: true },
  { what: 'another tag', changes: ['set port vr tag=10', 'set port vb tag=20'], ping: false, tcp: false },
  { what: 'one tag', changes: ['set port vb tag=20'], ping: false, tcp: false },
  {
    what: 'a trunk whose native VLAN is the other’s',
    changes: ['set port vr tag=10', 'set port vb vlan_mode=native-untagged tag=10'],
    ping: true,
    tcp: true,
  },
  {
    what: 'a trunk that tags its native VLAN',
    changes: ['set port vr tag=10', 'set port vb vlan_mode=native-tagged tag=10'],
    ping: false,
    tcp: false,
  },
  { what: 'a trunk of other VLANs', changes: ['set port vb trunks=5,6'], ping: false, tcp: false },
];

describe.skipIf(missing !== null)(`Open vSwitch${missing === null ? '' : ` (${missing})`}`, () => {
  let net: TestNetwork;
  let ovs: OpenvSwitch;
  beforeEach(async () => {
    net = await buildNetwork();
    ovs = await startOpenvSwitch();
  });
  afterEach(async () => {
    await ovs[Symbol.asyncDispose]();
    await net.close();
  });

  const expectAnswer = async (to: string, reachable: boolean): Promise<void> => {
    const real = await ask({ from: 'netns:red', to });
    expect.soft(real.verdict, brief(real)).toBe(reachable ? 'reachable' : 'unreachable');
    expect.soft(real.probe.agrees, brief(real)).toBe(true);
    const [leg] = real.legs;
    const certain = leg?.forward.certain === true && (leg.back?.certain ?? true);
    expect(certain, brief(real)).toBe(true);
  };

  it.each(CASES)('$what', async ({ flows = [], changes = [], ping, tcp }) => {
    await switchedPair(net, ovs);
    for (const flow of flows) await ovs.addFlow('br0', flow);
    for (const change of changes) await ovs.vsctl(...change.split(' '));
    await expectAnswer('10.0.0.3', ping);
    await expectAnswer('10.0.0.3:80', tcp);
  });
});
