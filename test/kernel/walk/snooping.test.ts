import { afterEach, beforeEach, describe, it } from 'vitest';
import { agreeForCertain, ping } from '../../support/agree.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { startQuerier } from '../../support/snooping.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

const GROUP_OF_B = 'ff02::1:ff00:3';

/** What is done on the bridge once somebody asks for members; who asks for whom; where the packet ends. */
type Row = readonly [
  name: string,
  commands: readonly string[],
  from: string,
  to: string,
  there: string,
  back: string,
];

describe('a bridge that sends groups only to those who have joined them', () => {
  const gone = `bridge mdb del dev br0 port vb grp ${GROUP_OF_B}`;

  beforeEach(async () => {
    await net.namespaces('a', 'b', 'sw');
    await net.wire('a/eth0 10.0.0.2/24 fd00::2/64', 'sw/va');
    await net.wire('b/eth0 10.0.0.3/24 fd00::3/64', 'sw/vb');
    await net.bridge('sw/br0 fd00::1/64', 'va', 'vb');
    await startQuerier(net, 'sw', 'br0');
    await hasty(net, 'a', 'b', 'sw');
  });

  it.each<Row>([
    ['where the owner has', [], 'a', 'fd00::3', 'delivered at b', 'delivered at a'],
    ['where the owner has not', [gone], 'a', 'fd00::3', 'filtered-source at sw', 'nothing'],
    ['which is no matter to IPv4', [gone], 'a', '10.0.0.3', 'delivered at b', 'delivered at a'],
    ['to its own stack too', [], 'a', 'fd00::1', 'delivered at sw', 'delivered at a'],
    ['from its own stack', [gone], 'sw', 'fd00::3', 'filtered-source at sw', 'nothing'],
    [
      'and to routers of multicasts',
      [gone, 'bridge link set dev vb mcast_router 2'],
      'a',
      'fd00::3',
      'delivered at b',
      'delivered at a',
    ],
    [
      'whether they are members of it by hand',
      [gone, `bridge mdb add dev br0 port vb grp ${GROUP_OF_B} permanent`],
      'a',
      'fd00::3',
      'delivered at b',
      'delivered at a',
    ],
    [
      'whatever else the port is spared (mcast_flood)',
      ['bridge link set dev vb mcast_flood off'],
      'a',
      'fd00::3',
      'delivered at b',
      'delivered at a',
    ],
    [
      'as unicasts where that is wanted',
      ['bridge link set dev vb mcast_to_unicast on'],
      'a',
      'fd00::3',
      'delivered at b',
      'delivered at a',
    ],
    [
      'but not once it takes no account of groups any more',
      [gone, 'ip link set br0 type bridge mcast_snooping 0'],
      'a',
      'fd00::3',
      'delivered at b',
      'delivered at a',
    ],
    [
      'nor while nobody asks for members',
      [gone, 'ip link set br0 type bridge mcast_querier 0'],
      'a',
      'fd00::3',
      'delivered at b',
      'delivered at a',
    ],
  ])('%s', async (_, commands, from, to, there, back) => {
    for (const command of commands) await net.run('sw', command);
    await agreeForCertain(ping(from, to), there, back);
  });

  it('and packets for one machine in frames for a group nowhere but to routers', async () => {
    await net.run('a', 'ip neigh replace 10.0.0.3 lladdr 03:bf:0a:00:00:03 dev eth0 nud permanent');
    await agreeForCertain(ping('a', '10.0.0.3'), 'filtered-source at sw', 'nothing');
    await net.run('sw', 'bridge link set dev vb mcast_router 2');
    await agreeForCertain(ping('a', '10.0.0.3'), 'delivered at b', 'delivered at a');
  });
});
