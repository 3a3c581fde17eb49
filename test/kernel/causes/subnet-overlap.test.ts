import { expect, test } from 'vitest';
import { ask as askLive, testCause } from '../../support/cause-case.ts';
import { disturb } from '../../support/hasty.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';
import { withoutTun } from '../../support/tun.ts';
import { tunnelDevice } from '../../support/tunnel-device.ts';

const ask = { from: 'netns:red', to: '10.0.2.2:80' };

testCause({
  fault: 'a bridge of red’s own has the range of blue’s network',
  healthy: async (net) => {
    await routedPair(net);
    await net.bridge('red/br-app');
    await net.namespaces('app');
    await net.wire('app/eth0 10.0.2.77/24', 'red/vapp');
    await net.run('red', 'ip link set vapp master br-app');
  },
  breakIt: (net) => disturb(net, 'red', ['ip addr add 10.0.2.1/24 dev br-app']),
  ask,
  causes: ['subnet-overlap'],
  at: ['netns:red'],
});

testCause({
  fault: 'a network of the router’s is a part of one that it has a route to',
  healthy: async (net) => {
    await routedPair(net);
    await net.namespaces('lab');
    await net.wire('lab/eth0 10.9.0.9/24', 'router/rl');
    await net.run('blue', 'ip addr add 172.30.5.5/32 dev lo');
    await net.run('router', 'ip route add 172.30.0.0/16 via 10.0.2.2');
  },
  breakIt: (net) => disturb(net, 'router', ['ip addr add 172.30.5.1/24 dev rl']),
  ask: { from: 'netns:red', to: '172.30.5.5:80' },
  causes: ['subnet-overlap'],
  at: ['netns:router'],
});

test.skipIf(withoutTun() !== null)(
  'an address behind a tunnel, whose owner nobody here sees, is hidden by a network of one’s own',
  async () => {
    await using net = await buildNetwork();
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.1.1/24', 'blue/eth0 10.0.1.2/24');
    const tunnel = await tunnelDevice('red', 'tun0');
    try {
      await net.run('red', 'ip addr add 10.8.0.2/24 dev tun0');
      await net.run('red', 'ip link set tun0 up');
      const asked = { from: 'netns:red', to: '10.0.1.77:80' };
      const nobody = await askLive(asked);
      expect(nobody.causes.map(({ id }) => id)).toEqual(['neighbour-unresolved']);
      await net.run('red', 'ip route add default dev tun0');
      expect((await askLive(asked)).causes.map(({ id }) => id)).toEqual(['neighbour-unresolved']);
      await net.run('red', 'ip route add 10.0.0.0/16 dev tun0');
      const hidden = await askLive(asked);
      expect(hidden.causes.map(({ id, certainty }) => [id, certainty])).toEqual([
        ['subnet-overlap', 'likely'],
      ]);
      expect(hidden.causes[0]?.params).toMatchObject({ unseen: true, owner: null });
      expect(hidden.causes[0]?.fixes[0]).toMatchObject({ proven: false });
    } finally {
      await tunnel.stop();
    }
  },
);
