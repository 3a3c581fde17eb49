import { describe } from 'vitest';
import { bridged, chain, redRouterBlue } from './networks.ts';
import { tell } from './story.ts';

const acrossRouter = ['netns:red', 'netns:blue:80'];
const alongChain = ['netns:a', 'netns:z:8080'];

describe('links', () => {
  tell({
    name: 'an interface is down at the far end of a bridge',
    build: bridged,
    ask: ['netns:web', 'netns:db:5432'],
    fault: async (net) => void (await net.run('db', 'ip link set eth0 down')),
    causes: ['interface-down netns:db'],
  });
  tell({
    name: 'the bridge itself is down',
    build: bridged,
    ask: ['netns:web', 'netns:db:5432'],
    fault: async (net) => void (await net.run('switch', 'ip link set br0 down')),
    causes: ['interface-down netns:switch'],
  });
  tell({
    name: 'the host end of a wire lost its bridge',
    build: bridged,
    ask: ['netns:web', 'netns:db:5432'],
    fault: async (net) => void (await net.run('switch', 'ip link set v-db nomaster')),
    causes: ['not-attached-to-bridge netns:switch'],
  });
  tell({
    name: 'a wire in the middle of a long way is down',
    build: chain,
    ask: alongChain,
    fault: async (net) => {
      await net.run('r3', 'ip link set left down');
    },
    causes: ['interface-down netns:r3', 'no-return-route netns:r3'],
  });
  tell({
    name: 'nobody has the address',
    build: async (net) => {
      await bridged(net);
      await net.run('cache', 'ip address add 172.30.0.77/24 dev eth0');
    },
    ask: ['netns:web', '172.30.0.77', '--proto', 'icmp'],
    fault: async (net) => void (await net.run('cache', 'ip address del 172.30.0.77/24 dev eth0')),
    causes: ['neighbour-unresolved netns:web'],
    mends: false,
  });
});

describe('routes', () => {
  tell({
    name: 'the sender lost its default route',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => void (await net.run('red', 'ip route del default')),
    causes: ['no-route netns:red'],
  });
  tell({
    name: 'the answer has no way back from its sender',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => void (await net.run('blue', 'ip route del default')),
    causes: ['no-return-route netns:blue'],
  });
  tell({
    name: 'a router in the middle does not know the way on',
    build: chain,
    ask: alongChain,
    fault: async (net) => void (await net.run('r2', 'ip route del 10.4.0.0/24')),
    causes: ['no-route netns:r2'],
  });
  tell({
    name: 'a router in the middle does not know the way back',
    build: chain,
    ask: alongChain,
    fault: async (net) => void (await net.run('r2', 'ip route del 10.1.0.0/24')),
    causes: ['no-return-route netns:r2'],
  });
  tell({
    name: 'forwarding is off on the one interface that counts',
    build: chain,
    ask: alongChain,
    fault: async (net) => void (await net.run('r2', 'sysctl -qw net.ipv4.conf.left.forwarding=0')),
    causes: ['ip-forward-off netns:r2'],
  });
  tell({
    name: 'the answer cannot pass: forwarding is off on the way back',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => void (await net.run('router', 'sysctl -qw net.ipv4.conf.to-blue.forwarding=0')),
    causes: ['ip-forward-off netns:router'],
  });
  tell({
    name: 'the gateway is an address that nobody has',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => {
      await net.run('red', 'ip route replace default via 10.1.0.254');
    },
    causes: ['gateway-unreachable netns:red'],
  });
  tell({
    name: 'the mask makes the far end look near',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => {
      await net.run('red', 'ip address del 10.1.0.2/24 dev eth0');
      await net.run('red', 'ip address add 10.1.0.2/8 dev eth0');
      await net.run('red', 'ip route replace default via 10.1.0.1');
    },
    causes: ['wrong-prefix netns:red'],
  });
  tell({
    name: 'the mask makes the neighbour look far',
    build: bridged,
    ask: ['netns:web', 'netns:db:5432'],
    fault: async (net) => {
      await net.run('web', 'ip address del 172.30.0.2/24 dev eth0');
      await net.run('web', 'ip address add 172.30.0.2/32 dev eth0');
    },
    causes: ['wrong-prefix netns:web'],
  });
  tell({
    name: 'the sender has no address',
    build: bridged,
    ask: ['netns:web', '172.30.0.3', '--port', '5432'],
    fault: async (net) => void (await net.run('web', 'ip address flush dev eth0')),
    causes: ['no-address netns:web'],
  });
  tell({
    name: 'strict reverse path filtering where routes are not symmetric',
    build: async (net) => {
      await redRouterBlue(net);
      await net.wire('red/alt 10.3.0.2/24', 'router/alt 10.3.0.1/24');
      await net.run('red', 'ip route replace 10.2.0.0/24 via 10.3.0.1 src 10.1.0.2');
      for (const scope of ['all', 'to-red', 'alt'])
        await net.run('router', `sysctl -qw net.ipv4.conf.${scope}.rp_filter=0`);
    },
    ask: acrossRouter,
    fault: async (net) => void (await net.run('router', 'sysctl -qw net.ipv4.conf.alt.rp_filter=1')),
    causes: ['rp-filter netns:router'],
  });
});

describe('several at once', () => {
  tell({
    name: 'forwarding off, a drop on the way there, and no way back',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => {
      await net.run('router', 'sysctl -qw net.ipv4.ip_forward=0');
      await net.run('router', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
      await net.run('blue', 'ip route del default');
    },
    causes: ['ip-forward-off netns:router', 'filter-drop netns:router', 'no-return-route netns:blue'],
  });
});
