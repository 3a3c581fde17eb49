import { testCause, type CauseCase } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const base: Pick<CauseCase, 'ask' | 'causes' | 'at'> = {
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['rp-filter'],
  at: ['netns:router'],
};

/** red speaks from an address of its own that lies behind it. */
async function behindRed(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await net.run('red', 'ip address add 10.77.0.2/32 dev lo');
  await net.run('red', 'ip route replace default via 10.0.1.1 src 10.77.0.2');
  await net.run('router', 'ip route add 10.77.0.0/24 via 10.0.1.2');
}

testCause({
  ...base,
  fault: 'iptables’ rpfilter, and no way back at all',
  healthy: async (net) => {
    await behindRed(net);
    await net.run('router', 'iptables -t raw -A PREROUTING -m rpfilter --invert -j DROP');
  },
  breakIt: async (net) => void (await net.run('router', 'ip route del 10.77.0.0/24')),
});

testCause({
  ...base,
  fault: 'a chain that lets go what has a way back, and drops the rest',
  healthy: async (net) => {
    await behindRed(net);
    await net.run('router', 'iptables -t mangle -N rpfilter');
    await net.run('router', 'iptables -t mangle -A rpfilter -m rpfilter --validmark -j RETURN');
    await net.run('router', 'iptables -t mangle -A rpfilter -j DROP');
    await net.run('router', 'iptables -t mangle -A PREROUTING -j rpfilter');
  },
  breakIt: async (net) => void (await net.run('router', 'ip route del 10.77.0.0/24')),
});

testCause({
  ...base,
  fault: 'the way back leads out by another interface',
  healthy: async (net) => {
    await routedPair(net);
    await net.wire('red/eth1 10.0.3.2/24', 'router/rc 10.0.3.1/24');
    await net.run('router', 'iptables -t raw -A PREROUTING -m rpfilter --invert -j DROP');
  },
  breakIt: async (net) => void (await net.run('router', 'ip route add 10.0.1.2/32 via 10.0.3.2')),
});

testCause({
  ...base,
  fault: 'nft, IPv6, in the words of firewalld',
  ask: { from: 'netns:red', to: '[fd00:2::2]:80' },
  healthy: async (net) => {
    await net.namespaces('red', 'router', 'blue');
    await net.wire('red/eth0 fd00:1::2/64', 'router/ra fd00:1::1/64');
    await net.wire('blue/eth0 fd00:2::2/64', 'router/rb fd00:2::1/64');
    await net.run('red', 'ip -6 address add fd00:77::2/128 dev lo nodad');
    await net.run('red', 'ip -6 route add default via fd00:1::1 src fd00:77::2');
    await net.run('blue', 'ip -6 route add default via fd00:2::1');
    await net.run('router', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    await net.run('router', 'ip -6 route add fd00:77::/64 via fd00:1::2');
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
    await net.run(
      'router',
      'nft -f -',
      `table inet firewalld {
         chain filter_PREROUTING { type filter hook prerouting priority filter + 10;
           icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
           meta nfproto ipv6 fib saddr . mark . iif oif missing drop
         }
       }`,
    );
    await hasty(net, 'red', 'router', 'blue');
  },
  breakIt: async (net) => void (await net.run('router', 'ip -6 route del fd00:77::/64')),
});
