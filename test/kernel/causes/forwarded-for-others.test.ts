import { testCause, type CauseCase } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';

/** A router for lan and dmz, whose port 8080 outside leads to a service in the dmz. */
async function router(net: TestNetwork): Promise<void> {
  await net.namespaces('router', 'outside', 'lan', 'dmz');
  await net.wire('outside/eth0 203.0.113.1/24', 'router/wan 203.0.113.2/24');
  await net.wire('lan/eth0 192.168.1.10/24', 'router/lan 192.168.1.1/24');
  await net.wire('dmz/eth0 192.168.2.10/24', 'router/dmz 192.168.2.1/24');
  await net.run('lan', 'ip route add default via 192.168.1.1');
  await net.run('dmz', 'ip route add default via 192.168.2.1');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('dmz', { protocol: 'tcp', port: 80 });
  await net.listen('dmz', { protocol: 'udp', port: 53 });
}

const FORWARD = '-j DNAT --to-destination 192.168.2.10:80';
const rules =
  (...lines: readonly string[]) =>
  async (net: TestNetwork): Promise<void> => {
    for (const line of lines) await net.run('router', `iptables -t nat ${line}`);
  };

/** Everybody's rule becomes one for who comes in by the wan interface. */
const others = rules('-F PREROUTING', `-A PREROUTING -i wan -p tcp --dport 8080 ${FORWARD}`);

const base: Pick<CauseCase, 'causes' | 'at'> = { causes: ['forwarded-for-others'], at: ['netns:router'] };

testCause({
  ...base,
  fault: 'a port is forwarded for who comes from outside, and the lan asks for it',
  healthy: async (net) => {
    await router(net);
    await rules(`-A PREROUTING -d 203.0.113.2 -p tcp --dport 8080 ${FORWARD}`)(net);
  },
  breakIt: others,
  ask: { from: 'netns:lan', to: '203.0.113.2:8080' },
});

testCause({
  ...base,
  fault: 'the service’s own network asks, whose answers have to be changed back',
  healthy: async (net) => {
    await router(net);
    await rules(
      `-A PREROUTING -d 203.0.113.2 -p tcp --dport 8080 ${FORWARD}`,
      '-A POSTROUTING -s 192.168.2.0/24 -d 192.168.2.10 -j MASQUERADE',
    )(net);
    await net.namespaces('other');
    await net.run('router', 'ip addr flush dev dmz');
    await net.wire('other/eth0 192.168.2.11/24', 'router/dmz2');
    await net.bridge('router/br0 192.168.2.1/24', 'dmz', 'dmz2');
    await net.run('other', 'ip route add default via 192.168.2.1');
  },
  breakIt: async (net) => {
    await others(net);
    await rules('-F POSTROUTING')(net);
  },
  ask: { from: 'netns:other', to: '203.0.113.2:8080' },
});

testCause({
  ...base,
  fault: 'the router itself asks, and its packets do not pass PREROUTING',
  healthy: async (net) => {
    await router(net);
    await rules(`-A OUTPUT -p tcp --dport 8080 ${FORWARD}`)(net);
  },
  breakIt: rules('-F OUTPUT', `-A PREROUTING -p tcp --dport 8080 ${FORWARD}`),
  ask: { from: 'netns:router', to: '203.0.113.2:8080' },
});

testCause({
  fault: 'not where the rule is for another protocol',
  healthy: async (net) => {
    await router(net);
    await net.listen('router', { protocol: 'tcp', port: 8080 });
  },
  breakIt: async (net) => {
    await net.stop('router', 'tcp', 8080);
    await rules('-A PREROUTING -i wan -p udp --dport 8080 -j DNAT --to-destination 192.168.2.10:53')(net);
  },
  ask: { from: 'netns:lan', to: '203.0.113.2:8080' },
  causes: ['no-listener'],
  mend: async (net) => void (await net.listen('router', { protocol: 'tcp', port: 8080 })),
});
