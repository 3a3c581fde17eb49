import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';

/** blue asks for its own service by the address and port under which the router publishes it. */
async function ownPort(net: TestNetwork): Promise<void> {
  await net.namespaces('router', 'blue', 'green');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/vb');
  await net.wire('green/eth0 10.0.2.3/24', 'router/vg');
  await net.bridge('router/br0 10.0.2.1/24', 'vb', 'vg');
  for (const name of ['blue', 'green']) await net.run(name, 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -w net.ipv4.ip_forward=1');
  await net.run('router', 'bridge link set dev vb hairpin on');
  await net.run(
    'router',
    'iptables-restore',
    [
      '*nat',
      '-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -m tcp --dport 8080 -j DNAT --to-destination 10.0.2.2:80',
      '-A POSTROUTING -s 10.0.2.2/32 -d 10.0.2.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE',
      'COMMIT',
      '',
    ].join('\n'),
  );
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}

const ask = { from: 'netns:blue', to: '10.0.2.1', port: 8080 };

testCause({
  fault: 'the bridge sends no frame back by the port it came in by',
  healthy: ownPort,
  ask,
  breakIt: async (net) => void (await net.run('router', 'bridge link set dev vb hairpin off')),
  causes: ['hairpin'],
  at: ['netns:router'],
});

testCause({
  fault: 'it comes back under its own address',
  healthy: ownPort,
  ask,
  breakIt: async (net) => void (await net.run('router', 'iptables -t nat -F POSTROUTING')),
  causes: ['hairpin'],
  at: ['netns:router'],
});
