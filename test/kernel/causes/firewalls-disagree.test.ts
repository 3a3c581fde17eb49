import { testCause, type CauseCase } from '../../support/cause-case.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

const base: Pick<CauseCase, 'healthy' | 'ask' | 'causes'> = {
  healthy: routedPair,
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['firewalls-disagree'],
};

/** Rules of a firewall that knows nothing of the other one. */
const stateful = (hook: 'input' | 'forward', priority: string): string =>
  `table inet guard {
     chain ${hook} { type filter hook ${hook} priority ${priority}; policy drop;
       ct state vmap { established : accept, related : accept, invalid : drop }
       iif lo accept
       tcp dport 22 accept
     }
   }`;

testCause({
  ...base,
  fault: 'iptables opens the port, a native table drops by its policy later on',
  breakIt: async (net) => {
    await net.run('blue', 'iptables-nft -A INPUT -p tcp --dport 80 -j ACCEPT');
    await net.run('blue', 'nft -f -', stateful('input', 'filter + 10'));
  },
  at: ['netns:blue'],
});

testCause({
  ...base,
  fault: 'a native table drops first, and iptables would have accepted',
  breakIt: async (net) => {
    await net.run('router', 'iptables-legacy -A FORWARD -d 10.0.2.2 -p tcp --dport 80 -j ACCEPT');
    await net.run('router', 'nft -f -', stateful('forward', 'filter - 5'));
  },
  at: ['netns:router'],
});

testCause({
  ...base,
  fault: 'iptables of the one backend accepts, that of the other rejects',
  breakIt: async (net) => {
    await net.run('blue', 'iptables-nft -A INPUT -p tcp --dport 80 -j ACCEPT');
    await net.run('blue', 'iptables-legacy -A INPUT -p tcp -j REJECT --reject-with icmp-host-prohibited');
  },
  at: ['netns:blue'],
});

testCause({
  ...base,
  fault: 'iptables of the one backend accepts, the policy of the other drops',
  breakIt: async (net) => {
    await net.run('router', 'iptables-nft -A FORWARD -p tcp -j ACCEPT');
    await net.run('router', 'iptables-legacy -P FORWARD DROP');
  },
  at: ['netns:router'],
});

testCause({
  ...base,
  fault: 'not where the other firewall only lets through what is established, or counts and marks',
  breakIt: async (net) => {
    await net.run('blue', 'iptables-nft -A INPUT -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT');
    await net.run('blue', 'iptables-nft -t mangle -A INPUT -p tcp --dport 80 -j ACCEPT');
    await net.run('blue', 'nft -f -', stateful('input', 'filter + 10'));
  },
  causes: ['policy-drop'],
  at: ['netns:blue'],
});

testCause({
  ...base,
  fault: 'a chain that is called for one interface alone accepts, another table rejects',
  breakIt: async (net) => {
    await net.run(
      'router',
      'nft -f -',
      `table ip engine {
         map out { type ifname : verdict; elements = { "ra" : jump out__ra }; }
         chain forward { type filter hook forward priority filter; policy accept; iifname vmap @out; }
         chain out__ra { ct state established,related accept; counter accept; }
       }`,
    );
    await net.run('router', 'nft -f -', stateful('forward', 'filter + 10'));
  },
  at: ['netns:router'],
});

testCause({
  fault: 'not where a bridge’s own table drops the frame, whatever is said of it as a packet',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'sysctl -qw net.bridge.bridge-nf-call-iptables=1');
    await net.run('host', 'iptables-nft -A FORWARD -p tcp --dport 80 -j ACCEPT');
    await net.run(
      'host',
      'nft -f -',
      `table bridge guard {
         chain pass { type filter hook forward priority filter; ether type ip ip saddr 10.0.0.2 tcp dport 80 drop; }
       }`,
    );
  },
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['filter-drop'],
  at: ['host'],
});

testCause({
  ...base,
  fault: 'not where two tables of one iptables speak of the packet: one program wrote both',
  breakIt: async (net) => {
    await net.run('blue', 'iptables-nft -A INPUT -p tcp --dport 80 -j ACCEPT');
    await net.run('blue', 'iptables-nft -t mangle -A INPUT -p tcp --dport 80 -j DROP');
  },
  causes: ['filter-drop'],
  at: ['netns:blue'],
});
