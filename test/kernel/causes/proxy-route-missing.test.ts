import { testCause, type CauseCase } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import type { TestNetwork } from '../../support/network.ts';
import { routedPair, routedPair6 } from '../../support/pairs.ts';
import { giveToProxy, listenTransparently } from '../../support/transparent.ts';

/** The router gives what red asks of blue's port 80 to a proxy of its own, with all that this needs. */
async function proxied(net: TestNetwork): Promise<void> {
  await routedPair(net);
  await listenTransparently(net, 'router', { port: 3128 });
  await giveToProxy(net);
}

const base: Pick<CauseCase, 'healthy' | 'ask' | 'causes' | 'at'> = {
  healthy: proxied,
  ask: { from: 'netns:red', to: '10.0.2.2:80' },
  causes: ['proxy-route-missing'],
  at: ['netns:router'],
};

testCause({
  ...base,
  fault: 'neither the policy rule nor the local route is there',
  breakIt: async (net) => {
    await net.run('router', 'ip rule del fwmark 1');
    await net.run('router', 'ip route flush table 100');
  },
});

testCause({
  ...base,
  fault: 'the policy rule leads to an empty table',
  breakIt: async (net) => void (await net.run('router', 'ip route flush table 100')),
});

testCause({
  ...base,
  fault: 'the policy rule asks for another mark',
  breakIt: async (net) => {
    await net.run('router', 'ip rule del fwmark 1');
    await net.run('router', 'ip rule add fwmark 2 lookup 100');
  },
});

testCause({
  ...base,
  fault: 'the machine is no router either',
  breakIt: async (net) => {
    await net.run('router', 'ip rule del fwmark 1');
    await net.run('router', 'sysctl -qw net.ipv4.ip_forward=0');
  },
});

testCause({
  ...base,
  fault: 'the machine knows no way to the destination',
  healthy: async (net) => {
    await proxied(net);
    await net.run('red', 'ip route add 192.0.2.0/24 via 10.0.1.1');
  },
  ask: { from: 'netns:red', to: '192.0.2.7:80' },
  breakIt: async (net) => void (await net.run('router', 'ip rule del fwmark 1')),
});

testCause({
  ...base,
  fault: 'nft, IPv6',
  ask: { from: 'netns:red', to: '[fd00:2::2]:80' },
  healthy: async (net) => {
    await routedPair6(net);
    await listenTransparently(net, 'router', { port: 3128, address: '::' });
    await net.run('router', 'ip -6 rule add fwmark 1 lookup 100');
    await net.run('router', 'ip -6 route add local default dev lo table 100');
    await net.run(
      'router',
      'nft -f -',
      `table inet x {
         chain c { type filter hook prerouting priority -150;
           iifname "ra" tcp dport 80 tproxy to :3128 meta mark set 1 accept
         }
       }`,
    );
    await hasty(net, 'red', 'router', 'blue');
  },
  breakIt: async (net) => void (await net.run('router', 'ip -6 rule del fwmark 1')),
});

testCause({
  ...base,
  fault: 'the mark takes part in the check of the source, which is then the machine’s own',
  causes: ['martian'],
  breakIt: async (net) =>
    void (await net.run(
      'router',
      'sysctl -qw net.ipv4.conf.ra.rp_filter=1 net.ipv4.conf.ra.src_valid_mark=1',
    )),
});
