import { testCause } from '../../support/cause-case.ts';
import type { Server } from '../../support/network.ts';

let server: Server | null = null;

for (const protocol of ['tcp', 'udp'] as const)
  testCause({
    fault: `nothing has opened the ${protocol} port`,
    healthy: async (net) => {
      await net.namespaces('red', 'blue');
      await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24');
      await net.listen('blue', { protocol, port: 22 });
      server = await net.listen('blue', { protocol, port: 80 });
    },
    breakIt: async () => {
      await server?.stop();
    },
    ask: { from: 'netns:red', to: 'netns:blue', protocol, port: 80 },
    causes: ['no-listener'],
    at: ['netns:blue'],
    mend: async (net) => {
      await net.listen('blue', { protocol, port: 80 });
    },
  });
