import type { Dice } from '../dice.ts';
import type { DrawnNetwork } from '../draw-network.ts';
import { prefixOf, unusedAddress } from '../draw-routes.ts';
import { chains, feet, isRouter, pickOr, step, target, type DrawExtra, type Foot } from './extra.ts';

/** What a table of its own does with everything: another router's way, or a refusal. */
function tableRoute(foot: Foot, table: number, dice: Dice): string {
  const gateway = pickOr(dice, foot.others.filter(isRouter)) ?? pickOr(dice, foot.others);
  return gateway && dice.chance(0.7)
    ? `ip route add default via ${gateway.address} dev ${foot.dev} table ${table}`
    : `ip route add ${dice.pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} default table ${table}`;
}

/** A rule by what a packet is, not only where it goes (ip-rule(8)). */
export const drawPolicyRule: DrawExtra = (drawn, dice, at) => {
  const foot = dice.pick(feet(drawn));
  const there = dice.pick(feet(drawn));
  const table = 200 + at;
  const selector = dice.pick([
    'uidrange 0-0',
    'uidrange 1-9999',
    'ipproto tcp dport 80',
    'ipproto tcp sport 80',
    'ipproto udp',
    'ipproto udp dport 70-90',
    'sport 32768-60999',
    'iif lo',
    `iif ${foot.dev}`,
    `oif ${foot.dev}`,
    `not from ${foot.address}`,
    `not to ${prefixOf(there.segment)}`,
    `from ${prefixOf(foot.segment)} to ${prefixOf(there.segment)}`,
    `from ${there.address}`,
    `to ${there.address} ipproto tcp`,
    'tos 0x10',
    'fwmark 0/0xff',
  ]);
  const action = dice.pick([
    `lookup ${table}`,
    `lookup ${table}`,
    `lookup ${table}`,
    `lookup ${table} suppress_prefixlength 0`,
    'lookup main suppress_prefixlength 15',
    'goto 32766',
    'goto 32767',
    dice.pick(['blackhole', 'unreachable', 'prohibit']),
  ]);
  return {
    text: `rule by ${selector} at ${foot.node}`,
    steps: [
      step(foot.node, tableRoute(foot, table, dice)),
      step(foot.node, `ip rule add pref ${600 + at} ${selector} ${action}`),
    ],
    targets: [target(there.address, null, foot.node), target(there.address)],
  };
};

/** Packets are marked by one rule and led by another; a connection may keep its mark. */
export const drawMark: DrawExtra = (drawn, dice, at) => {
  const foot = dice.pick(feet(drawn));
  const there = dice.pick(feet(drawn));
  const table = 220 + at;
  const mark = dice.pick(['0x5', '0x5/0xff', '0x10/0xf0', '0x105']);
  const asked = dice.pick([mark, '0x5', '0x5/0xf', '0/0x5', '0x10/0x10']);
  const own = dice.chance(0.5);
  const match = dice.pick(['', '-p tcp --dport 80', '-p icmp', `-d ${there.address}`, '-p tcp --sport 80']);
  const chain = own ? 'OUTPUT' : 'PREROUTING';
  const lines = [
    ...(dice.chance(0.4) ? [`-A ${chain} -j CONNMARK --restore-mark`] : []),
    `-A ${chain} ${match} -j MARK --set-xmark ${mark}`.replace(/ {2,}/g, ' '),
    ...(dice.chance(0.3) ? [`-A ${chain} -m mark ! --mark 0 -j CONNMARK --save-mark`] : []),
  ];
  const byNft = dice.chance(0.3);
  const marking = dice.pick([
    'meta mark set 0x5',
    'tcp dport 80 meta mark set 0x5',
    `ip daddr ${prefixOf(there.segment)} meta mark set meta mark | 0x15`,
    'ct mark set 0x5; meta mark set ct mark',
    `meta mark set ip daddr map { ${there.address} : 0x5, ${prefixOf(foot.segment)} : 0x10 }`,
  ]);
  const nft = chains(`mark${at}`, [
    `${own ? 'type route hook output' : 'type filter hook prerouting'} priority mangle`,
    marking,
  ]);
  const sysctl = dice.chance(0.3)
    ? [
        step(
          foot.node,
          `sysctl -qw ${dice.pick([
            `net.ipv4.conf.all.src_valid_mark=1`,
            `net.ipv4.conf.${foot.dev}.src_valid_mark=1`,
            'net.ipv4.fwmark_reflect=1',
            'net.ipv4.tcp_fwmark_accept=1',
            'net.ipv4.conf.all.rp_filter=1',
          ])}`,
        ),
      ]
    : [];
  return {
    text: `marks at ${foot.node}`,
    steps: [
      byNft
        ? step(foot.node, 'nft -f -', nft)
        : step(
            foot.node,
            `${dice.pick(['iptables', 'iptables-legacy'])}-restore --noflush`,
            ['*mangle', ...lines, 'COMMIT', ''].join('\n'),
          ),
      step(foot.node, tableRoute(foot, table, dice)),
      step(foot.node, `ip rule add pref ${640 + at} fwmark ${asked} lookup ${table}`),
      ...sysctl,
    ],
    targets: [target(there.address, null, own ? foot.node : null), target(there.address)],
  };
};

/** Several next hops for one network: written out, as an object, as a group, with a hash policy. */
export const drawMultipath: DrawExtra = (drawn, dice, at) => {
  const foot = pickOr(
    dice,
    feet(drawn).filter(({ others }) => others.length > 0),
  );
  if (!foot) return null;
  const there = dice.pick(feet(drawn));
  const own = feet(drawn).filter(({ node, others }) => node === foot.node && others.length > 0);
  const hops = own.flatMap((one) =>
    [...one.others.map(({ address }) => address), unusedAddress(one.segment)].map((via) => ({
      via,
      dev: one.dev,
    })),
  );
  const [first, second] = [dice.pick(hops), dice.pick(hops)];
  const destination = dice.pick(['default', prefixOf(there.segment), there.address]);
  const id = 10 * (at + 1);
  const objects = [
    `ip nexthop add id ${id} via ${first.via} dev ${first.dev}`,
    dice.pick([
      `ip nexthop add id ${id + 1} via ${second.via} dev ${second.dev}`,
      `ip nexthop add id ${id + 1} via ${second.via} dev ${second.dev} onlink`,
    ]),
    `ip nexthop add id ${id + 2} group ${id}${dice.pick(['', ',2'])}/${id + 1}`,
  ];
  const forms: readonly (readonly string[])[] = [
    [
      `ip route replace ${destination} nexthop via ${first.via} dev ${first.dev} nexthop via ${second.via} dev ${second.dev} weight 2`,
    ],
    [...objects.slice(0, 1), `ip route replace ${destination} nhid ${id}`],
    [...objects, `ip route replace ${destination} nhid ${id + 2}`],
    [`ip nexthop add id ${id} blackhole`, `ip route replace ${destination} nhid ${id}`],
  ];
  return {
    text: `several next hops for ${destination} at ${foot.node}`,
    steps: [
      ...(dice.chance(0.5)
        ? [step(foot.node, `sysctl -qw net.ipv4.fib_multipath_hash_policy=${dice.pick([0, 1, 2])}`)]
        : []),
      ...dice.pick(forms).map((command) => step(foot.node, command)),
    ],
    targets: [target(there.address, null, foot.node), target(there.address)],
  };
};

/** Kinds of routes and what else one can say of a route (ip-route(8)). */
export const drawRoute: DrawExtra = (drawn, dice, at) => {
  const foot = dice.pick(feet(drawn));
  const there = dice.pick(feet(drawn));
  const gateway = pickOr(dice, foot.others.filter(isRouter)) ?? pickOr(dice, foot.others);
  const destination = dice.pick([there.address, prefixOf(there.segment)]);
  const kind = dice.pick(['blackhole', 'unreachable', 'prohibit', 'throw']);
  const second = `10.210.${at}.1`;
  const via = gateway ? `via ${gateway.address} dev ${foot.dev}` : `dev ${foot.dev}`;
  const forms: readonly (readonly string[])[] = [
    [`ip route replace ${kind} ${destination} metric 2000`],
    [`ip route replace ${kind} ${there.address}`],
    [`ip route add ${kind} ${there.address} table 230`, 'ip rule add pref 660 lookup 230'],
    [`ip route replace ${destination} ${via} metric 7 mtu 1300`],
    [`ip route replace ${destination} ${via} metric 7 mtu lock 1300`],
    [`ip addr add ${second}/32 dev lo`, `ip route replace ${destination} ${via} src ${second}`],
    [`ip addr add ${second}/24 dev ${foot.dev}`, `ip route replace ${there.address} ${via} src ${second}`],
    [`ip route add local ${there.address} dev lo`],
    [`ip route add local ${second} dev lo`],
    [`ip route replace ${there.address} dev ${foot.dev} scope link`],
    [`ip route add ${there.address} ${via} tos 0x10`],
    [`ip route replace ${there.address} ${via} table local`],
    ['ip rule add pref 1 lookup main', 'ip rule del pref 0', 'ip rule add pref 32765 lookup local'],
  ];
  return {
    text: `a route at ${foot.node}`,
    steps: dice.pick(forms).map((command) => step(foot.node, command)),
    targets: [target(there.address, null, foot.node), target(there.address), target(second)],
  };
};

/** A gateway of IPv4 that is asked for by IPv6 (RFC 8950; `via inet6`). */
export const drawViaInet6: DrawExtra = (drawn, dice, at) => {
  const foot = pickOr(
    dice,
    feet(drawn).filter(({ others }) => others.some(isRouter)),
  );
  if (!foot) return null;
  const gateway = dice.pick(foot.others.filter(isRouter));
  const there = dice.pick(feet(drawn));
  const [mine, theirs] = [`fd99:${at}::2`, `fd99:${at}::1`];
  return {
    text: `${foot.node} asks for its gateway by IPv6`,
    only: 4,
    steps: [
      step(gateway.node, `ip -6 addr add ${theirs}/64 dev ${gateway.dev} nodad`),
      step(foot.node, `ip -6 addr add ${mine}/64 dev ${foot.dev} nodad`),
      step(foot.node, `ip route replace ${there.address} via inet6 ${theirs} dev ${foot.dev}`),
    ],
    targets: [target(there.address, null, foot.node), ...elsewhere(drawn, there.address)],
  };
};

const elsewhere = ({ leaves }: DrawnNetwork, address: string) =>
  leaves.slice(0, 1).map((leaf) => target(address, null, leaf));
