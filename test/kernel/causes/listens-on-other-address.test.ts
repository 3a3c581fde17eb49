import { testCause } from '../../support/cause-case.ts';
import { listenOnDevice } from '../../support/device-server.ts';
import type { Server } from '../../support/network.ts';

let server: Server | null = null;

testCause({
  fault: 'the service is tied to another interface (SO_BINDTODEVICE)',
  healthy: async (net) => {
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24');
    server = await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
  breakIt: async () => {
    await server?.stop();
    server = await listenOnDevice('blue', 80, 'lo');
  },
  ask: { from: 'netns:red', to: '10.0.0.3:80' },
  causes: ['listens-on-other-address'],
  at: ['netns:blue'],
  mend: async (net) => {
    await server?.stop();
    await net.listen('blue', { protocol: 'tcp', port: 80 });
  },
});
