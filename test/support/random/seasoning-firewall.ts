import type { Dice } from './dice.ts';
import type { Skeleton } from './draw-network.ts';
import { prefixOf } from './draw-routes.ts';

/** A node's rules, and what they publish. */
export interface Firewall {
  readonly rules: readonly { readonly argv: readonly string[]; readonly input: string }[];
  readonly published: readonly { readonly address: string; readonly port: number }[];
}

/** Rules that let the usual through, most of the time, in any of the three backends. */
export function firewallFor(skeleton: Skeleton, node: string, dice: Dice): Firewall {
  const router = node.startsWith('r');
  const kinds = router ? ['stateful', 'decoys', 'masquerade', 'publish', 'stateful'] : ['stateful', 'decoys'];
  const kind = dice.pick(kinds);
  switch (kind) {
    case 'stateful':
      return { rules: [dice.chance(0.5) ? statefulNft(dice) : statefulIptables(dice)], published: [] };
    case 'decoys':
      return { rules: [decoys(dice)], published: [] };
    case 'masquerade':
      return { rules: [masquerade(skeleton, node, dice)], published: [] };
    default:
      return publish(skeleton, node, dice);
  }
}

const restore = (dice: Dice, lines: readonly string[]) => ({
  argv: [dice.pick(['iptables-restore', 'iptables-restore', 'iptables-legacy-restore']), '--noflush'],
  input: [...lines, ''].join('\n'),
});

const nft = (text: string) => ({ argv: ['nft', '-f', '-'], input: text });

/** The icmp of answers and errors, the ports of the tests, and nothing else. */
const statefulNft = (dice: Dice) =>
  nft(`table inet guard {
    set open { type inet_service; elements = { 80, 81, 443 } }
    chain common {
      ct state vmap { established : accept, related : accept, invalid : drop }
      meta l4proto icmp ${dice.chance(0.8) ? 'accept' : 'icmp type echo-request accept'}
      tcp dport @open accept
      udp dport 80-81 counter accept
    }
    chain input { type filter hook input priority ${dice.pick([-10, 0, 5])}; policy ${dice.pick(['drop', 'accept'])};
      iif lo accept
      jump common
      ${dice.pick(['', 'ct state new limit rate 1000/second accept', 'reject with icmpx admin-prohibited', 'tcp flags syn reject with tcp reset'])}
    }
    chain forward { type filter hook forward priority 0; policy drop;
      jump common
    }
  }`);

const statefulIptables = (dice: Dice) => {
  const policy = dice.pick(['DROP', 'DROP', 'ACCEPT']);
  return restore(dice, [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    `:FORWARD ${policy} [0:0]`,
    ':USUAL - [0:0]',
    '-A FORWARD -j USUAL',
    ...(dice.chance(0.5)
      ? ['-A INPUT -i lo -j ACCEPT', '-A INPUT -j USUAL', '-A INPUT -p tcp -j REJECT --reject-with tcp-reset']
      : []),
    '-A USUAL -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A USUAL -p icmp -j ACCEPT',
    '-A USUAL -p tcp -m multiport --dports 80,81,8080 -j ACCEPT',
    '-A USUAL -p udp --dport 80:81 -m comment --comment "the usual" -j ACCEPT',
    ...(dice.chance(0.3) ? ['-A USUAL -j RETURN'] : []),
    'COMMIT',
  ]);
};

/** Rules about other traffic. */
const decoys = (dice: Dice) =>
  dice.chance(0.5)
    ? restore(dice, [
        '*filter',
        '-A FORWARD -p tcp --dport 9999 -j DROP',
        '-A INPUT -s 203.0.113.0/24 -j DROP',
        '-A OUTPUT -p udp --dport 53 -j REJECT',
        '-A FORWARD ! -p icmp -d 198.51.100.7 -j DROP',
        'COMMIT',
        '*mangle',
        '-A PREROUTING -p tcp --dport 9999 -j MARK --set-mark 7',
        'COMMIT',
      ])
    : nft(`table ip other {
        chain pre { type filter hook prerouting priority raw; tcp dport 9999 drop; ip saddr 203.0.113.0/24 drop; }
        chain out { type filter hook output priority filter; udp dport { 53, 853 } reject; meta mark 9 drop; }
        chain post { type filter hook postrouting priority 50; ip daddr 198.51.100.7 drop; }
      }`);

const masquerade = (skeleton: Skeleton, node: string, dice: Dice) => {
  const own = skeleton.segments.filter(({ ports }) => ports.some((port) => port.node === node));
  const inside = dice.pick(own);
  const outside = dice.pick(own).ports.find((port) => port.node === node);
  const from = prefixOf(inside);
  const dev = outside?.dev ?? '';
  return dice.chance(0.5)
    ? restore(dice, ['*nat', `-A POSTROUTING -s ${from} -o ${dev} -j MASQUERADE`, 'COMMIT'])
    : nft(`table ip nat2 { chain post { type nat hook postrouting priority srcnat; ip saddr ${from} ${dice.chance(0.5) ? `oif ${dev}` : `ip daddr != ${from}`} masquerade; }
}`);
};

/** A port of the router's for a leaf's port 80. */
const publish = (skeleton: Skeleton, node: string, dice: Dice): Firewall => {
  const leaf = dice.pick(
    skeleton.segments.flatMap(({ ports }) => ports.filter((port) => port.node.startsWith('h'))),
  );
  const own = dice.pick(skeleton.segments.flatMap(({ ports }) => ports.filter((port) => port.node === node)));
  const target = `${leaf.address}:80`;
  return {
    rules: [
      dice.chance(0.5)
        ? restore(dice, [
            '*nat',
            `-A PREROUTING -d ${own.address} -p tcp --dport 8080 -j DNAT --to-destination ${target}`,
            `-A OUTPUT -d ${own.address} -p tcp --dport 8080 -j DNAT --to-destination ${target}`,
            'COMMIT',
          ])
        : nft(`table ip publish {
            chain pre { type nat hook prerouting priority dstnat; ip daddr ${own.address} tcp dport 8080 dnat to ${target}; }
            chain out { type nat hook output priority -100; ip daddr ${own.address} tcp dport 8080 dnat to ${target}; }
          }`),
    ],
    published: [{ address: own.address, port: 8080 }],
  };
};
