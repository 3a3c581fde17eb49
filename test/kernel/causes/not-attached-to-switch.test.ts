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

  const testLoose = (fault: string, port: string, changes: readonly (readonly string[])[] = []): void =>
    testCause({
      fault,
      healthy: async (net) => {
        ovs = await startOpenvSwitch();
        await switchedPair(net, ovs);
        for (const change of changes) await ovs.vsctl(...change);
      },
      breakIt: async (net) => {
        await ovs?.vsctl('del-port', 'br0', port);
        // Whom they know already they ask no more.
        await forgetNeighbours(net, 'red', 'blue');
      },
      forget: (net) => forgetNeighbours(net, 'red', 'blue'),
      ask: { from: 'netns:red', to: '10.0.0.3:80' },
      causes: ['not-attached-to-bridge'],
      at: ['host'],
    });

  testLoose('the wire to the destination is no port of the switch', 'vb');
  testLoose('the sender’s own wire is no port of the switch', 'vr');
  testLoose('the others are in a VLAN, where it belongs too', 'vb', [
    ['set', 'port', 'vr', 'tag=10', '--', 'set', 'port', 'vb', 'tag=10'],
  ]);
});
