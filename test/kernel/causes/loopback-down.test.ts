import { testCause } from '../../support/cause-case.ts';

testCause({
  fault: 'a namespace cannot reach itself',
  healthy: async (net) => {
    await net.namespaces('red');
    await net.listen('red', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run('red', 'ip link set lo down');
  },
  ask: { from: 'netns:red', to: '127.0.0.1:80' },
  causes: ['loopback-down'],
});
