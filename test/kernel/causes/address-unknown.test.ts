import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

for (const [family, address, network, gateway] of [
  [4, '10.0.9.5', '10.0.9.0/24', '10.0.2.2'],
  [6, 'fd09::5', 'fd09::/64', 'fd02::2'],
] as const) {
  const bits = family === 4 ? 32 : 128;
  const give = async (net: TestNetwork): Promise<void> =>
    void (await net.run('blue', `ip address add ${address}/${bits} dev lo`));
  testCause({
    fault: `a route leads to a machine that has lost the address (IPv${family})`,
    healthy: async (net) => {
      await routedPair(net);
      if (family === 6) {
        for (const [where, own] of [
          ['red', 'fd01::2/64 dev eth0'],
          ['router', 'fd01::1/64 dev ra'],
          ['router', 'fd02::1/64 dev rb'],
          ['blue', 'fd02::2/64 dev eth0'],
        ] as const)
          await net.run(where, `ip address add ${own} nodad`);
        await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
        await net.run('red', 'ip route add default via fd01::1');
        await net.run('blue', 'ip route add default via fd02::1');
      }
      await net.run('router', `ip route add ${network} via ${gateway}`);
      await give(net);
    },
    breakIt: async (net) => void (await net.run('blue', `ip address del ${address}/${bits} dev lo`)),
    ask: { from: 'netns:red', to: address },
    causes: ['address-unknown'],
    at: ['netns:blue'],
    mend: give,
  });
}

for (const [from, strict] of [
  ['the sender itself', false],
  ['a strict filter of sources', true],
] as const) {
  const give = async (net: TestNetwork): Promise<void> =>
    void (await net.run('blue', 'ip address add 10.0.9.5/32 dev lo'));
  testCause({
    fault: `the machine that has lost the address would send the packet back, to ${from}`,
    healthy: async (net) => {
      await routedPair(net);
      await net.run('router', 'ip route add 10.0.9.0/24 via 10.0.2.2');
      if (strict) await net.run('router', 'sysctl -qw net.ipv4.conf.all.rp_filter=1');
      await give(net);
    },
    breakIt: async (net) => void (await net.run('blue', 'ip address del 10.0.9.5/32 dev lo')),
    ask: { from: strict ? 'netns:red' : 'netns:router', to: '10.0.9.5' },
    causes: ['address-unknown'],
    at: ['netns:blue'],
    mend: give,
  });
}
