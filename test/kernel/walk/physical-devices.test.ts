import { afterEach, beforeEach, it } from 'vitest';
import { agreeForCertain, tcp } from '../../support/agree.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
/** red and green are on a bridge of fw's, blue is at another device. Frames of the bridge meet iptables. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'green', 'fw', 'blue');
  await net.run('fw', 'ip link add br0 type bridge');
  await net.wire('red/eth0 10.0.1.2/24', 'fw/p1');
  await net.wire('green/eth0 10.0.1.3/24', 'fw/p2');
  await net.run('fw', 'ip link set p1 master br0');
  await net.run('fw', 'ip link set p2 master br0');
  await net.run('fw', 'ip link set br0 up');
  await net.run('fw', 'ip addr add 10.0.1.1/24 dev br0');
  await net.wire('fw/out 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  for (const setting of ['net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1'])
    await net.run('fw', ['sysctl', '-qw', setting]);
  for (const end of ['green', 'fw', 'blue']) await net.listen(end, { protocol: 'tcp', port: 80 });
});
afterEach(() => net.close());

const [TO_BLUE, TO_GREEN, TO_FW] = ['10.0.2.2', '10.0.1.3', '10.0.1.1'];

it.each<readonly [string, string, string, boolean]>([
  ['came by it', '-A FORWARD -m physdev --physdev-in p1', TO_BLUE, false],
  ['came by another', '-A FORWARD -m physdev --physdev-in p2', TO_BLUE, true],
  ['not by that one', '-A FORWARD -i br0 -m physdev ! --physdev-in p2', TO_BLUE, false],
  ['leaves by none', '-A FORWARD -i br0 -m physdev --physdev-out p2', TO_BLUE, true],
  [
    'leaves by none, asked for the opposite',
    '-A FORWARD -i br0 -m physdev ! --physdev-out p2',
    TO_BLUE,
    true,
  ],
  [
    'came by no port, asked for the opposite',
    '-A FORWARD -i out -m physdev ! --physdev-out p2',
    TO_BLUE,
    false,
  ],
  ['came by no port at all', '-A FORWARD -i out -m physdev ! --physdev-in p1', TO_BLUE, false],
  ['not bridged', '-A FORWARD -i br0 -m physdev ! --physdev-is-bridged', TO_BLUE, false],
  ['bridged', '-A FORWARD -m physdev --physdev-is-bridged', TO_BLUE, true],
  ['came by some port', '-A FORWARD -m physdev --physdev-is-in', TO_BLUE, false],
  ['leaves by some port', '-A FORWARD -m physdev --physdev-is-out', TO_BLUE, true],
  ['leaves by no port', '-A FORWARD -i br0 -m physdev ! --physdev-is-out', TO_BLUE, false],
  ['bridged, and leaves by it', '-A FORWARD -m physdev --physdev-out p2', TO_GREEN, false],
  ['bridged, and leaves by another', '-A FORWARD -m physdev ! --physdev-out p1', TO_GREEN, false],
  ['bridged, not by that one', '-A FORWARD -s 10.0.1.2 -m physdev ! --physdev-out p2', TO_GREEN, true],
  [
    'is bridged',
    '-A FORWARD -m physdev --physdev-is-bridged --physdev-in p1 --physdev-out p2',
    TO_GREEN,
    false,
  ],
  ['taken in', '-A INPUT -p tcp -m physdev --physdev-in p1', TO_FW, false],
  ['taken in, asked for the opposite', '-A INPUT -p tcp -m physdev ! --physdev-out p1', TO_FW, true],
  ['not bridged, taken in', '-A INPUT -p tcp -m physdev ! --physdev-is-bridged', TO_FW, false],
])('ports of a bridge: %s (%s)', async (_name, rule, to, passes) => {
  for (const tool of ['iptables-nft', 'iptables-legacy']) {
    await net.run('fw', `${tool} ${rule} -j DROP`);
    const answers = rule.includes('-i out');
    await agreeForCertain(
      tcp('red', to, 80),
      passes || answers
        ? `delivered at ${{ [TO_BLUE]: 'blue', [TO_GREEN]: 'green' }[to] ?? 'fw'}`
        : 'dropped at fw',
      passes ? 'delivered at red' : answers ? 'dropped at fw' : 'nothing',
    );
    await net.run('fw', `${tool} -F`);
  }
});
