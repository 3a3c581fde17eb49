import { testCause } from '../../support/cause-case.ts';
import type { Server } from '../../support/network.ts';

let server: Server | null = null;

testCause({
  fault: 'the service takes connections of its own machine only',
  healthy: async (net) => {
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24');
    server = await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await server?.stop();
    server = await net.listen('blue', { protocol: 'tcp', port: 80, address: '127.0.0.1' });
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['listens-on-loopback'],
  at: ['netns:blue'],
  mend: async (net) => {
    await server?.stop();
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '0.0.0.0' });
  },
});
