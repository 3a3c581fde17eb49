import { routedPair, testCause, type CauseCase } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { listenTransparently } from '../../support/transparent.ts';

const TPROXY =
  'iptables -t mangle -A PREROUTING -i ra -p tcp --dport 80 -j TPROXY --on-port 3128 --tproxy-mark 1/1';

/** The router gives what red asks of blue's port 80 to a proxy of its own. */
async function steered(net: TestNetwork): Promise<void> {
  await net.run('router', 'ip rule add fwmark 1 lookup 100');
  await net.run('router', 'ip route add local default dev lo table 100');
  await net.run('router', TPROXY);
}

const base: Pick<CauseCase, 'healthy' | 'ask' | 'causes' | 'at'> = {
  healthy: routedPair,
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['proxy-not-listening'],
  at: ['netns:router'],
};

testCause({
  ...base,
  fault: 'nothing listens on the port of the proxy',
  breakIt: steered,
  mend: (net) => listenTransparently(net, 'router', { port: 3128 }),
});

testCause({
  ...base,
  fault: 'what listens there is an ordinary server',
  breakIt: async (net) => {
    await steered(net);
    await listenTransparently(net, 'router', { port: 3128, transparent: false });
  },
  mend: async (net) => void (await net.run('router', TPROXY.replace(' -A ', ' -D '))),
});

testCause({
  ...base,
  fault: 'the proxy listens for itself alone',
  breakIt: async (net) => {
    await steered(net);
    await listenTransparently(net, 'router', { port: 3128, address: '127.0.0.1' });
  },
  mend: async (net) => {
    await net.run('router', 'iptables -t mangle -F PREROUTING');
    await net.run('router', `${TPROXY} --on-ip 127.0.0.1`);
  },
});
