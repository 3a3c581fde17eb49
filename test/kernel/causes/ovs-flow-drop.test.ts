import { afterEach, describe } from 'vitest';
import { testCause } from '../../support/cause-case.ts';
import { startOpenvSwitch, type OpenvSwitch } from '../../support/openvswitch.ts';
import { switchedPair } from '../../support/ovs-network.ts';
import { forgetNeighbours } from '../../support/neighbours.ts';
import { withoutTun } from '../../support/tun.ts';

const missing = withoutTun();

describe.skipIf(missing !== null)(`Open vSwitch${missing === null ? '' : ` (${missing})`}`, () => {
  let ovs: OpenvSwitch | null = null;
  afterEach(async () => {
    await ovs?.[Symbol.asyncDispose]();
    ovs = null;
  });

  const testSwitch = (fault: string, to: string, breakIt: (ovs: OpenvSwitch) => Promise<unknown>): void =>
    testCause({
      fault,
      healthy: async (net) => {
        ovs = await startOpenvSwitch();
        await switchedPair(net, ovs);
      },
      breakIt: async (net) => {
        if (ovs) await breakIt(ovs);
        // Whom they know already they ask no more.
        await forgetNeighbours(net, 'red', 'blue');
      },
      forget: (net) => forgetNeighbours(net, 'red', 'blue'),
      ask: { from: 'netns:red', to },
      causes: ['ovs-flow-drop'],
      at: ['host'],
    });

  testSwitch('a flow drops TCP port 80', '10.0.0.3:80', (it) =>
    it.addFlow('br0', 'cookie=0x7,priority=10,tcp,tp_dst=80,actions=drop'),
  );
  testSwitch('a flow drops the answers', '10.0.0.3:80', (it) =>
    it.addFlow('br0', 'priority=10,tcp,in_port=vb,actions=drop'),
  );
  testSwitch('a flow drops ARP', '10.0.0.3', (it) => it.addFlow('br0', 'arp,actions=drop'));
  testSwitch('a flow sends it elsewhere', '10.0.0.3', (it) =>
    it.addFlow('br0', 'in_port=vr,ip,actions=LOCAL'),
  );
  testSwitch('the switch has no flows at all', '10.0.0.3:80', (it) => it.noFlows('br0'));
  testSwitch('the ports have different tags', '10.0.0.3:80', (it) =>
    it.vsctl('set', 'port', 'vr', 'tag=10', '--', 'set', 'port', 'vb', 'tag=20'),
  );
  testSwitch('only the client’s port has a tag: the frame leaves with it', '10.0.0.3:80', (it) =>
    it.vsctl('set', 'port', 'vr', 'tag=10'),
  );
  testSwitch('a flow of a bridge that speaks only a later OpenFlow', '10.0.0.3:80', async (it) => {
    await it.vsctl('set', 'bridge', 'br0', 'protocols=OpenFlow13');
    await it.addFlow('br0', 'cookie=0x7,priority=10,tcp,tp_dst=80,actions=drop', 'OpenFlow13');
  });
  testSwitch('only the server’s port has a tag', '10.0.0.3', (it) => it.vsctl('set', 'port', 'vb', 'tag=20'));
});
