import { testCause, type CauseCase } from '../../support/cause-case.ts';
import { routedPair } from '../../support/pairs.ts';
import { giveToProxy, listenTransparently, TPROXY } from '../../support/transparent.ts';

const base: Pick<CauseCase, 'healthy' | 'ask' | 'causes' | 'at'> = {
  healthy: routedPair,
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['proxy-not-listening'],
  at: ['netns:router'],
};

testCause({
  ...base,
  fault: 'nothing listens on the port of the proxy',
  breakIt: giveToProxy,
  mend: (net) => listenTransparently(net, 'router', { port: 3128 }),
});

testCause({
  ...base,
  fault: 'what listens there is an ordinary server',
  breakIt: async (net) => {
    await giveToProxy(net);
    await listenTransparently(net, 'router', { port: 3128, transparent: false });
  },
  mend: async (net) => void (await net.run('router', TPROXY.replace(' -A ', ' -D '))),
});

testCause({
  ...base,
  fault: 'the proxy listens for itself alone',
  breakIt: async (net) => {
    await giveToProxy(net);
    await listenTransparently(net, 'router', { port: 3128, address: '127.0.0.1' });
  },
  mend: async (net) => {
    await net.run('router', 'iptables -t mangle -F PREROUTING');
    await net.run('router', `${TPROXY} --on-ip 127.0.0.1`);
  },
});
