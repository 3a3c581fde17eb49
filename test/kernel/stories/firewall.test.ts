import { describe } from 'vitest';
import type { TestNetwork } from '../../support/network.ts';
import { bridged, natGateway, redRouterBlue } from './networks.ts';
import { tell } from './story.ts';

const acrossRouter = ['netns:red', 'netns:blue:80'];

const nft = (net: TestNetwork, namespace: string, rules: string): Promise<string> =>
  net.run(namespace, ['nft', '-f', '-'], rules);

describe('filters', () => {
  tell({
    name: 'the sender drops it in OUTPUT of the legacy backend',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => void (await net.run('red', 'iptables-legacy -A OUTPUT -d 10.2.0.0/24 -j DROP')),
    causes: ['filter-drop netns:red'],
  });
  tell({
    name: 'a jump into a user chain rejects it, after one that returns',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => {
      await net.run(
        'router',
        ['iptables-restore', '--noflush'],
        [
          '*filter',
          ':QUIET - [0:0]',
          ':GUARD - [0:0]',
          '-A FORWARD -j QUIET',
          '-A QUIET -p udp -j DROP',
          '-A QUIET -j RETURN',
          '-A FORWARD -i to-red -o to-blue -g GUARD',
          '-A GUARD -p tcp -m multiport --dports 22,80,443 -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset',
          'COMMIT',
          '',
        ].join('\n'),
      );
    },
    causes: ['filter-reject netns:router'],
  });
  tell({
    name: 'an nft policy drops what no rule accepts',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => {
      await nft(
        net,
        'blue',
        `table inet firewall {
           set admins { type ipv4_addr; flags interval; elements = { 10.9.0.0/16, 192.0.2.7 } }
           chain input {
             type filter hook input priority filter; policy drop;
             ct state vmap { established : accept, related : accept, invalid : drop }
             iif lo accept
             ip saddr @admins tcp dport { 22, 80 } accept
             icmp type echo-request accept
           }
         }`,
      );
    },
    causes: ['policy-drop netns:blue'],
  });
  tell({
    name: 'accepted in one base chain, dropped in a later one',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) => {
      await nft(
        net,
        'router',
        `table ip early {
           chain f { type filter hook forward priority -10; policy accept; tcp dport 80 accept; }
         }
         table inet late {
           chain sink { counter drop; }
           chain f {
             type filter hook forward priority 10; policy accept;
             ip daddr 10.2.0.0/24 tcp dport vmap { 22 : accept, 80 : goto sink };
           }
         }`,
      );
    },
    causes: ['firewalls-disagree netns:router'],
  });
  tell({
    name: 'only the answer is dropped',
    build: redRouterBlue,
    ask: acrossRouter,
    fault: async (net) =>
      void (await net.run('red', 'iptables -A INPUT -s 10.2.0.2 -p tcp --sport 80 -j DROP')),
    causes: ['filter-drop netns:red'],
  });
  tell({
    name: 'ping is dropped while the web server answers',
    build: redRouterBlue,
    ask: ['netns:red', 'netns:blue'],
    fault: async (net) =>
      void (await net.run('blue', 'iptables -A INPUT -p icmp --icmp-type echo-request -j DROP')),
    causes: ['filter-drop netns:blue'],
  });
});

describe('translation', () => {
  tell({
    name: 'one of two networks lost its masquerade',
    build: natGateway,
    ask: ['netns:lan2', '203.0.113.9:443'],
    fault: async (net) =>
      void (await net.run('gw', 'iptables -t nat -D POSTROUTING -s 192.168.2.0/24 -o wan -j MASQUERADE')),
    causes: ['missing-masquerade netns:gw'],
  });
});

describe('destination', () => {
  tell({
    name: 'the server listens on loopback only',
    build: async (net) => {
      await bridged(net);
      await net.listen('cache', { protocol: 'tcp', port: 6379 });
    },
    ask: ['netns:web', 'netns:cache:6379'],
    fault: async (net) => {
      await net.stop('cache', 'tcp', 6379);
      await net.listen('cache', { protocol: 'tcp', port: 6379, address: '127.0.0.1' });
    },
    causes: ['listens-on-loopback netns:cache'],
    mends: false,
  });
  tell({
    name: 'nothing listens',
    build: bridged,
    ask: ['netns:web', 'netns:db:5432'],
    fault: async (net) => {
      await net.stop('db', 'tcp', 5432);
    },
    causes: ['no-listener netns:db'],
    mends: false,
  });
  tell({
    name: 'a datagram to a closed port',
    build: async (net) => {
      await bridged(net);
      await net.listen('cache', { protocol: 'udp', port: 53 });
    },
    ask: ['netns:web', 'netns:cache:53', '--proto', 'udp'],
    fault: async (net) => {
      await net.stop('cache', 'udp', 53);
    },
    causes: ['no-listener netns:cache'],
    mends: false,
  });
});
