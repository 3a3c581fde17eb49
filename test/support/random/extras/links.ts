import type { Dice } from '../dice.ts';
import { hostAddress, type DrawnNetwork } from '../draw-network.ts';
import { unusedAddress } from '../draw-routes.ts';
import type { WildFault } from '../wild-faults.ts';
import { feet, isRouter, pickOr, step, tableOf, target, type DrawExtra } from './extra.ts';

/** Where frames are only bridged: a bridge, one of its ports and perhaps another; null where the network has no bridge. */
function drawBridged(drawn: DrawnNetwork, dice: Dice) {
  const segment = pickOr(
    dice,
    drawn.segments.filter(({ bridge }) => bridge !== null),
  );
  if (!segment?.bridge) return null;
  const { node, dev } = segment.bridge;
  const [one, other] = dice.shuffled(segment.ports.filter((port) => port.dev !== dev));
  return one ? { segment, node, dev, one, other } : null;
}

/** A firewall where frames are only bridged: that of IP by br_netfilter, or the bridge's own. */
export const drawBridgeFirewall: DrawExtra = (drawn, dice, at) => {
  const bridged = drawBridged(drawn, dice);
  if (!bridged) return null;
  const { segment, node, dev, one, other } = bridged;
  const there = other ?? one;
  const portTo = (to: string): string => `p${dev.slice(2)}${to}`;
  const verdict = dice.pick(['DROP', 'REJECT', 'ACCEPT']);
  const tool = dice.pick(['iptables', 'iptables-legacy']);
  const hook = dice.pick(['prerouting', 'input', 'forward', 'output', 'postrouting']);
  const choices: readonly (() => readonly WildFault[])[] = [
    () => [step(node, `${tool} -A FORWARD -p tcp --dport 80 -j ${verdict}`)],
    () => [step(node, `${tool} -A FORWARD -m physdev --physdev-in ${portTo(one.node)} -j ${verdict}`)],
    () => [
      step(
        node,
        `${tool} -A FORWARD -m physdev --physdev-is-bridged --physdev-out ${portTo(there.node)} -p icmp -j ${verdict}`,
      ),
    ],
    () => [
      step(node, `${tool} -P FORWARD DROP`),
      step(node, `${tool} -A FORWARD -i ${dev} -o ${dev} -j ACCEPT`),
    ],
    () => [step(node, `${tool} -P FORWARD DROP`)],
    () => [
      step(node, `${tool} -P FORWARD DROP`),
      step(node, `sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0`),
    ],
    () => [step(node, `${tool} -t raw -A PREROUTING -s ${one.address} -j DROP`)],
    () => [
      step(
        node,
        `${tool} -t nat -A PREROUTING -d ${unusedAddress(segment)} -j DNAT --to-destination ${there.address}`,
      ),
    ],
    () => [
      step(
        node,
        `${tool} -t nat -A POSTROUTING -s ${one.address} -p tcp -j SNAT --to-source ${hostAddress(segment.network, 12)}`,
      ),
    ],
    () => [step(node, `${tool} -t mangle -A PREROUTING -p tcp -j TTL --ttl-set 2`)],
    () => [
      step(
        node,
        'nft -f -',
        tableOf(
          'bridge',
          `frames${at}`,
          [],
          [
            `type filter hook ${hook} priority 0`,
            dice.pick([
              `ip daddr ${there.address} drop`,
              `ip saddr ${one.address} tcp dport 80 drop`,
              'meta l4proto icmp drop',
              `iifname ${portTo(one.node)} accept; meta protocol ip drop`,
              'meta pkttype broadcast counter',
              'ct state established accept; tcp dport 80 drop',
            ]),
          ],
        ),
      ),
    ],
  ];
  return {
    text: `a firewall on the bridge in ${node}`,
    steps: dice.pick(choices)(),
    targets: [
      target(there.address, null, one.node),
      target(one.address, null, there.node),
      target(unusedAddress(segment), null, one.node),
      target(there.address),
    ],
  };
};

/** How a bridge treats frames (ip-link(8), bridge(8)). */
export const drawBridgeSettings: DrawExtra = (drawn, dice) => {
  const bridged = drawBridged(drawn, dice);
  if (!bridged) return null;
  const { node, dev, one, other } = bridged;
  const port = `p${dev.slice(2)}${one.node}`;
  const forms: readonly (readonly string[])[] = [
    [`ip link set ${dev} type bridge ageing_time 0`],
    [`ip link set ${dev} type bridge mcast_snooping 0`],
    [`ip link set ${dev} type bridge no_linklocal_learn 1`],
    [`bridge link set dev ${port} neigh_suppress on`],
    [`bridge link set dev ${port} mcast_flood off`],
    [`bridge link set dev ${port} bcast_flood off`],
    [`bridge link set dev ${port} flood off`],
    [`bridge link set dev ${port} hairpin on`],
    [`ip link set dev ${port} type bridge_slave proxy_arp on`],
    [`ip link set dev ${port} type bridge_slave proxy_arp_wifi on`],
    [`ip link set dev ${dev} arp off`],
    [`ip link set dev ${dev} promisc on`],
    [`ip link set dev ${port} mtu 1300`],
  ];
  return {
    text: `a setting of the bridge in ${node}`,
    steps: dice.pick(forms).map((command) => step(node, command)),
    targets: [
      target(one.address, null, other?.node ?? null),
      ...(other ? [target(other.address, null, one.node)] : []),
      target(one.address),
    ],
  };
};

/** A second address on a device with a hardware address of its own, as VRRP has it (RFC 9568), at one router or at two. */
export const drawVirtualRouter: DrawExtra = (drawn, dice, at) => {
  const foot = pickOr(
    dice,
    feet(drawn).filter((it) => isRouter(it) && it.others.length > 0),
  );
  if (!foot) return null;
  const shared = hostAddress(foot.segment.network, 11);
  const length = dice.pick([32, foot.length]);
  const mode = dice.pick(['bridge', 'private', 'bridge']);
  const dev = `vrrp${at}`;
  const second = dice.chance(0.3) ? pickOr(dice, foot.others) : null;
  const steps = [foot, ...(second ? [second] : [])].flatMap((port): readonly WildFault[] => [
    step(
      port.node,
      `ip link add link ${port.dev} name ${dev} address 00:00:5e:00:01:0${at} type macvlan mode ${mode}`,
    ),
    step(port.node, `ip addr add ${shared}/${length} dev ${dev}`),
    step(port.node, `ip link set ${dev} up`),
    ...(dice.chance(0.3)
      ? [
          step(
            port.node,
            `sysctl -qw ${dice.pick([
              `net.ipv4.conf.${port.dev}.arp_ignore=1`,
              `net.ipv4.conf.${dev}.rp_filter=2`,
              `net.ipv4.conf.${dev}.arp_announce=2`,
              `net.ipv4.conf.all.arp_filter=1`,
              `net.ipv4.conf.${dev}.accept_local=1`,
            ])}`,
          ),
        ]
      : []),
  ]);
  const asker = dice.pick(foot.others);
  const there = dice.pick(feet(drawn));
  return {
    text: `${shared} is a virtual router's`,
    steps: [
      ...steps,
      ...(dice.chance(0.6)
        ? [step(asker.node, `ip route replace ${there.address} via ${shared} dev ${asker.dev}`)]
        : []),
    ],
    targets: [target(shared, null, asker.node), target(shared), target(there.address, null, asker.node)],
  };
};

/** Two stacks of a node on one device, with the modes of macvlan. */
export const drawMacvlan: DrawExtra = (drawn, dice, at) => {
  const foot = pickOr(
    dice,
    feet(drawn).filter(({ others, node }) => others.length > 0 && !isRouter({ node } as never)),
  );
  if (!foot) return null;
  const mode = dice.pick(['bridge', 'private', 'vepa', 'passthru', 'source']);
  const own = hostAddress(foot.segment.network, 10);
  const dev = `mac${at}`;
  const asker = dice.pick(foot.others);
  return {
    text: `a macvlan (${mode}) at ${foot.node}`,
    steps: [
      step(foot.node, `ip link add link ${foot.dev} name ${dev} type macvlan mode ${mode}`),
      step(foot.node, `ip addr add ${own}/${dice.pick([32, foot.length])} dev ${dev}`),
      step(foot.node, `ip link set ${dev} up`),
    ],
    targets: [target(own, null, asker.node), target(foot.address, null, asker.node), target(own)],
  };
};

/** A leaf that asks on the wire for what is behind a router, which answers for it; or does not. */
export const drawProxy: DrawExtra = (drawn, dice) => {
  const foot = pickOr(
    dice,
    feet(drawn).filter(({ others, node }) => node.startsWith('h') && others.some(isRouter)),
  );
  const there = dice.pick(feet(drawn));
  if (!foot || there.segment === foot.segment) return null;
  const router = dice.pick(foot.others.filter(isRouter));
  const setting = dice.pick([
    `sysctl -qw net.ipv4.conf.${router.dev}.proxy_arp=1`,
    'sysctl -qw net.ipv4.conf.all.proxy_arp=1',
    `sysctl -qw net.ipv4.conf.${router.dev}.proxy_arp_pvlan=1`,
    `ip neigh add proxy ${there.address} dev ${router.dev}`,
  ]);
  return {
    text: `${router.node} answers for ${there.address}`,
    steps: [
      step(foot.node, `ip route replace ${dice.pick([there.address, 'default'])} dev ${foot.dev}`),
      step(router.node, setting),
    ],
    targets: [target(there.address, null, foot.node)],
  };
};

/** Addresses with a peer, of a wire with two, and broadcast ones. */
export const drawAddress: DrawExtra = (drawn, dice, at) => {
  const foot = pickOr(
    dice,
    feet(drawn).filter(({ others }) => others.length > 0),
  );
  if (!foot) return null;
  const other = dice.pick(foot.others);
  const [mine, theirs] = [`10.211.${at}.4`, `10.211.${at}.5`];
  const forms: readonly (readonly [string, string])[] = [
    [`${mine} peer ${theirs}`, `${theirs} peer ${mine}`],
    [`${mine}/31`, `${theirs}/31`],
    [`${mine}/32`, `${theirs}/24`],
    [`${mine}/30`, `${theirs}/30`],
    [`${mine}/24`, `${theirs}/24`],
  ];
  const [one, two] = dice.pick(forms);
  return {
    text: `${mine} and ${theirs} beside the others`,
    steps: [
      step(foot.node, `ip addr add ${one} dev ${foot.dev}`),
      step(other.node, `ip addr add ${two} dev ${other.dev}`),
    ],
    targets: [target(theirs, null, foot.node), target(mine, null, other.node), target(mine)],
  };
};
