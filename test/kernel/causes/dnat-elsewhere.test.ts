import { testCause, type CauseCase } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';

const FRONT = '10.0.1.1';
const publish = (target: string): string =>
  `-A PREROUTING -d ${FRONT} -p tcp --dport 8080 -j DNAT --to-destination ${target}`;

/** red asks the router's port 8080, which the router forwards to blue's port 80. */
async function published(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/rb 10.0.2.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -w net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.run('router', `iptables -t nat ${publish('10.0.2.2:80')}`);
}

const base: Pick<CauseCase, 'healthy' | 'ask' | 'causes' | 'at'> = {
  healthy: published,
  ask: { from: 'netns:red', to: FRONT, port: 8080 },
  causes: ['dnat-elsewhere'],
  at: ['netns:router'],
};

testCause({
  ...base,
  fault: 'the target is an address that nobody has; the one server of its network is offered instead',
  breakIt: async (net) => {
    await net.run('router', 'iptables -t nat -F PREROUTING');
    await net.run('router', `iptables -t nat ${publish('10.0.2.9:80')}`);
  },
});

testCause({
  ...base,
  fault: 'the target is on no network that the router knows',
  healthy: async (net) => {
    await published(net);
    await net.run('router', 'iptables -t nat -F PREROUTING');
    await net.listen('router', { protocol: 'tcp', port: 8080 });
  },
  breakIt: async (net) => {
    await net.run('router', `iptables -t nat ${publish('192.168.77.2:80')}`);
  },
});

testCause({
  ...base,
  fault: 'nft, in a table of both families',
  healthy: async (net) => {
    await published(net);
    await net.run('router', 'iptables -t nat -F PREROUTING');
    await net.run(
      'router',
      'nft -f -',
      `table inet publish {
         chain pre { type nat hook prerouting priority dstnat;
           ip daddr ${FRONT} tcp dport 8080 dnat ip to 10.0.2.2:80
         }
       }`,
    );
  },
  breakIt: async (net) => {
    await net.run('router', 'nft flush chain inet publish pre');
    await net.run('router', [
      'nft',
      `add rule inet publish pre ip daddr ${FRONT} tcp dport 8080 dnat ip to 10.0.2.9:80`,
    ]);
  },
});

testCause({
  ...base,
  fault: 'an old rule takes the port away from the program that listens on it here',
  ask: { from: 'netns:red', to: 'netns:router', port: 80 },
  healthy: async (net) => {
    await published(net);
    await net.listen('router', { protocol: 'tcp', port: 80 });
  },
  breakIt: async (net) => {
    await net.run(
      'router',
      'iptables -t nat -I PREROUTING -i ra -p tcp --dport 80 -j REDIRECT --to-ports 3128',
    );
  },
});

testCause({
  ...base,
  fault:
    'the machine behind it is gone, and without the rule nobody answers either: that is for a person to mend',
  healthy: async (net) => {
    await published(net);
    await net.run('router', 'iptables -t nat -F PREROUTING');
    await net.run('blue', 'ip address add 10.0.2.8/24 dev eth0');
    await net.listen('blue', { protocol: 'tcp', port: 9000 });
    await net.run('router', `iptables -t nat ${publish('10.0.2.8:9000')}`);
  },
  breakIt: async (net) => {
    await net.stop('blue', 'tcp', 9000);
    await net.run('blue', 'ip address del 10.0.2.8/24 dev eth0');
  },
  mend: async (net) => {
    await net.run('blue', 'ip address add 10.0.2.8/24 dev eth0');
    await net.run('red', 'ip neighbour flush all');
    await net.run('router', 'ip neighbour flush all');
    await net.listen('blue', { protocol: 'tcp', port: 9000 });
  },
});

testCause({
  fault:
    'a whole network is mapped to another one that nobody has (NETMAP), and a machine was asked that is there',
  healthy: published,
  breakIt: async (net) =>
    void (await net.run(
      'router',
      'iptables -t nat -A PREROUTING -d 10.0.2.0/24 -p icmp -j NETMAP --to 10.0.3.0/24',
    )),
  ask: { from: 'netns:red', to: '10.0.2.2' },
  causes: ['dnat-elsewhere'],
  at: ['netns:router'],
  narrow: 'iptables-nft -w -t nat -D PREROUTING -d 10.0.2.0/24 -p icmp -j NETMAP --to 10.0.3.0/24',
});
