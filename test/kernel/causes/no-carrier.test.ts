import { routedPair, testCause } from '../../support/cause-case.ts';

testCause({
  fault: 'a route over a wire whose other end is down, where nobody can see it',
  healthy: routedPair,
  breakIt: async (net) => {
    await net.namespaces('gone');
    await net.wire('red/uplink', 'gone/far');
    await net.run('gone', 'ip link set far down');
    await net.hide('gone');
    await net.run('red', 'ip route add 10.0.2.0/24 dev uplink src 10.0.1.2');
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['no-carrier'],
  at: ['netns:red'],
  mend: async (net) => {
    await net.run('red', 'ip link delete uplink');
  },
});
