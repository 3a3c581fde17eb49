import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { startQuerier } from '../../support/snooping.ts';

/** red and blue on a bridge, a server of IPv6 on blue. */
async function bridgedSix(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'blue', 'sw');
  await net.wire('red/eth0 fd00::2/64', 'sw/vr');
  await net.wire('blue/eth0 fd00::3/64', 'sw/vb');
  await net.bridge('sw/br0 fd00::1/64', 'vr', 'vb');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('sw', { protocol: 'tcp', port: 80, address: '::' });
}

/** It no longer says which groups it is in. */
const silence = async (net: TestNetwork, place: string): Promise<void> => {
  for (const type of [131, 143])
    await net.run(place, `ip6tables -A OUTPUT -p icmpv6 --icmpv6-type ${type} -j DROP`);
};

const groupsOf = async (net: TestNetwork, place: string, port: string): Promise<readonly string[]> =>
  [...(await net.run(place, 'bridge mdb show')).matchAll(/port (\S+) grp (\S+)/g)].flatMap((found) =>
    found[1] === port ? [found[2] ?? ''] : [],
  );

/** blue has groups, and the switch knows of none. */
async function leaveUnreported(net: TestNetwork): Promise<void> {
  await silence(net, 'blue');
  for (const group of await groupsOf(net, 'sw', 'vb'))
    await net.run('sw', `bridge mdb del dev br0 port vb grp ${group}`);
}

testCause({
  fault: 'the owner of an address does not say which groups it is in, and somebody asks',
  healthy: bridgedSix,
  breakIt: async (net) => {
    await leaveUnreported(net);
    await startQuerier(net, 'sw', 'br0');
    await net.run('red', 'ip neigh flush dev eth0');
  },
  ask: { from: 'netns:red', to: '[fd00::3]:80' },
  causes: ['multicast-snooping'],
  at: ['netns:sw'],
  forget: async (net) => {
    await net.run('red', 'ip neigh flush dev eth0');
  },
});

testCause({
  fault: 'somebody else on the network asks, and the report of the owner never came by',
  healthy: async (net) => {
    await bridgedSix(net);
    await net.namespaces('far');
    await net.wire('sw/u1', 'far/u2');
    await net.run('sw', 'ip link set u1 master br0');
    await net.bridge('far/br0', 'u2');
  },
  breakIt: async (net) => {
    await leaveUnreported(net);
    await net.run('sw', 'ip link set dev br0 type bridge mcast_query_response_interval 100');
    await startQuerier(net, 'far', 'br0');
    await net.run('red', 'ip neigh flush dev eth0');
  },
  ask: { from: 'netns:red', to: '[fd00::3]:80' },
  causes: ['multicast-snooping'],
  at: ['netns:sw'],
  forget: async (net) => {
    await net.run('red', 'ip neigh flush dev eth0');
  },
});
