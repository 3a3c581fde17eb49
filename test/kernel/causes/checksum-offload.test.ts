import { afterEach, describe } from 'vitest';
import { testCause, type Asked, type CauseCase } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { startOpenvSwitch, type OpenvSwitch } from '../../support/openvswitch.ts';
import { switchedPair } from '../../support/ovs-network.ts';
import { withoutTun } from '../../support/tun.ts';

const missing = withoutTun();

describe.skipIf(missing !== null)(`Open vSwitch${missing === null ? '' : ` (${missing})`}`, () => {
  let ovs: OpenvSwitch | null = null;
  afterEach(async () => {
    await ovs?.[Symbol.asyncDispose]();
    ovs = null;
  });

  const testOffload = (
    fault: string,
    asked: Omit<Asked, 'from'>,
    at: readonly string[],
    breakIt: CauseCase['breakIt'],
    more: (net: TestNetwork, ovs: OpenvSwitch) => Promise<unknown> = () => Promise.resolve(),
  ): void =>
    testCause({
      fault,
      healthy: async (net) => {
        ovs = await startOpenvSwitch();
        await switchedPair(net, ovs);
        await more(net, ovs);
      },
      breakIt,
      ask: { from: 'netns:red', ...asked },
      causes: at.map(() => 'checksum-offload'),
      at,
    });

  const leave =
    (...devices: readonly (readonly [string, string])[]): CauseCase['breakIt'] =>
    async (net) => {
      for (const [namespace, dev] of devices) await net.run(namespace, `ethtool -K ${dev} tx on`);
    };
  const six = async (net: TestNetwork): Promise<void> => {
    await net.run('red', 'ip address add fd00::2/64 dev eth0 nodad');
    await net.run('blue', 'ip address add fd00::3/64 dev eth0 nodad');
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::', v6only: true });
  };

  testOffload('of who asks', { to: '10.0.0.3:80' }, ['netns:red'], leave(['red', 'eth0']));
  testOffload('of who answers', { to: '10.0.0.3:80' }, ['netns:blue'], leave(['blue', 'eth0']));
  testOffload(
    'of both',
    { to: '10.0.0.3:80' },
    ['netns:red', 'netns:blue'],
    leave(['red', 'eth0'], ['blue', 'eth0']),
  );
  testOffload('over IPv6', { to: '[fd00::3]:80' }, ['netns:red'], leave(['red', 'eth0']), six);
  testOffload(
    'of UDP',
    { to: '10.0.0.3:53', protocol: 'udp' },
    ['netns:red', 'netns:blue'],
    leave(['red', 'eth0'], ['blue', 'eth0']),
    (net) => net.listen('blue', { protocol: 'udp', port: 53 }),
  );
  testOffload(
    'and a firewall that drops what is damaged',
    { to: '10.0.0.3:80' },
    ['netns:red'],
    leave(['red', 'eth0']),
    (net) => net.run('blue', 'iptables -A INPUT -m conntrack --ctstate INVALID -j DROP'),
  );
});
