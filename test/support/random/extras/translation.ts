import type { Dice } from '../dice.ts';
import { hostAddress } from '../draw-network.ts';
import { prefixOf } from '../draw-routes.ts';
import type { WildFault } from '../wild-faults.ts';
import { chains, feet, isRouter, pickOr, step, tableOf, target, type DrawExtra } from './extra.ts';

const nat = (node: string, dice: Dice, ...lines: readonly string[]): WildFault =>
  step(
    node,
    `${dice.pick(['iptables', 'iptables-legacy'])}-restore --noflush`,
    ['*nat', ...lines, 'COMMIT', ''].join('\n'),
  );

const nft = (node: string, text: string): WildFault => step(node, 'nft -f -', text);

const BASE = {
  pre: 'type nat hook prerouting priority dstnat',
  out: 'type nat hook output priority -100',
  post: 'type nat hook postrouting priority srcnat',
  raw: 'type filter hook prerouting priority raw',
  last: 'type filter hook postrouting priority 300',
};

/** A router gives a connection on to a server, in its own name or not, and perhaps by way of a second router. */
export const drawChain: DrawExtra = (drawn, dice, at) => {
  const places = feet(drawn);
  const served = places.filter(({ node }) =>
    drawn.listeners.some((it) => it.node === node && it.port === 80),
  );
  const [server, shown] = [pickOr(dice, served), pickOr(dice, places.filter(isRouter))];
  if (!server || !shown) return null;
  const port = 8100 + at;
  const out = dice.pick(places.filter(({ node }) => node === shown.node));
  const source = dice.pick([
    'MASQUERADE',
    `SNAT --to-source ${out.address}`,
    `SNAT --to-source ${shown.address}:30000-31000`,
    'ACCEPT',
  ]);
  const last = nat(
    shown.node,
    dice,
    `-A PREROUTING -d ${shown.address} -p tcp --dport ${port} -j DNAT --to-destination ${server.address}:80`,
    ...(dice.chance(0.5)
      ? [`-A OUTPUT -d ${shown.address} -p tcp --dport ${port} -j DNAT --to-destination ${server.address}:80`]
      : []),
    `-A POSTROUTING -d ${server.address} -p tcp --dport 80 -j ${source}`,
  );
  const before = pickOr(
    dice,
    places.filter((foot) => isRouter(foot) && foot.node !== shown.node),
  );
  const first =
    before &&
    nat(
      before.node,
      dice,
      `-A PREROUTING -d ${before.address} -p tcp --dport ${port} -j DNAT --to-destination ${shown.address}`,
      ...(dice.chance(0.6) ? [`-A POSTROUTING -d ${shown.address} -p tcp -j MASQUERADE`] : []),
    );
  return {
    text: `port ${port} of ${shown.node} is ${server.node}'s`,
    steps: [last, ...(first ? [first] : [])],
    targets: [target(shown.address, port), ...(before ? [target(before.address, port)] : [])],
  };
};

/** Ports of a node's own, other addresses of a leaf, whole networks, in the words of all tools. */
export const drawTranslation: DrawExtra = (drawn, dice, at) => {
  const places = feet(drawn);
  const there = dice.pick(places);
  const here = pickOr(dice, places.filter(isRouter)) ?? dice.pick(places);
  const port = 8200 + at;
  const strange = `10.77.${at}.5`;
  const near = hostAddress(there.segment.network, 12);
  const name = `extra${at}`;
  const choices: readonly (() => readonly WildFault[])[] = [
    () => [nat(there.node, dice, `-A PREROUTING -p tcp --dport ${port} -j REDIRECT --to-ports 80`)],
    () => [
      nat(there.node, dice, `-A PREROUTING -p tcp --dport ${port} -j DNAT --to-destination 127.0.0.1:80`),
      ...(dice.chance(0.7) ? [step(there.node, 'sysctl -qw net.ipv4.conf.all.route_localnet=1')] : []),
    ],
    () => [nat(here.node, dice, `-A POSTROUTING -d ${there.address} -j SNAT --to-source ${strange}`)],
    () => [nat(here.node, dice, `-A PREROUTING -d ${strange} -j DNAT --to-destination ${there.address}`)],
    () => [
      nat(here.node, dice, `-A PREROUTING -d 10.77.${at}.0/28 -j NETMAP --to ${there.segment.network}/28`),
      nat(
        here.node,
        dice,
        `-A POSTROUTING -s ${prefixOf(there.segment)} -j ${dice.pick(['MASQUERADE', 'ACCEPT'])}`,
      ),
    ],
    () => [
      nft(
        here.node,
        chains(
          name,
          [BASE.pre, `dnat to tcp dport map { 8190-8300 : ${there.address} }`],
          [BASE.post, `ip daddr ${there.address} masquerade`],
        ),
      ),
    ],
    () => {
      const pairs = `type ipv4_addr . inet_service : ipv4_addr . inet_service; elements = { ${here.address} . ${port} : ${there.address} . 80 }`;
      const rule = 'dnat ip to ip daddr . tcp dport map @m';
      return [
        nft(here.node, tableOf('ip', name, [`map m { ${pairs}; }`], [BASE.pre, rule], [BASE.out, rule])),
      ];
    },
    () => [
      nft(
        here.node,
        chains(
          name,
          [
            BASE.raw,
            `ip daddr ${dice.pick([strange, there.address])} ip daddr set ${dice.pick([there.address, near])}`,
          ],
          [BASE.last, `ip saddr ${there.address} ip saddr set ${strange}`],
        ),
      ),
    ],
    () => [
      nft(
        here.node,
        chains(name, [BASE.raw, `ip daddr ${there.address} notrack`, `ip saddr ${there.address} notrack`]),
      ),
    ],
    () => [nat(there.node, dice, `-A INPUT -p tcp --dport 80 -j SNAT --to-source ${near}`)],
    () => [nat(here.node, dice, `-A OUTPUT -d ${strange} -j DNAT --to-destination ${there.address}`)],
  ];
  return {
    text: `translation at ${here.node} or ${there.node}`,
    steps: dice.pick(choices)(),
    targets: [
      target(there.address, port),
      target(here.address, port),
      target(strange),
      target(strange, null, here.node),
      target(there.address),
      target(near),
    ],
  };
};

/** Sets, maps and verdict maps with intervals, as rules of a forwarder. */
export const drawVerdicts: DrawExtra = (drawn, dice, at) => {
  const places = feet(drawn);
  const here = pickOr(dice, places.filter(isRouter)) ?? dice.pick(places);
  const [there, other] = [dice.pick(places), dice.pick(places)];
  const hook = dice.pick(['prerouting', 'input', 'forward', 'output', 'postrouting']);
  const verdict = (): string => dice.pick(['accept', 'drop', 'jump one', 'goto one', 'return', 'continue']);
  const rule = dice.pick([
    `ip daddr vmap { ${prefixOf(there.segment)} : ${verdict()}, 203.0.113.0/24 : drop }`,
    `ip saddr . tcp dport vmap { ${other.address} . 80-90 : ${verdict()} }`,
    `tcp dport vmap { 0-79 : accept, 80 : ${verdict()}, 81-65535 : drop }`,
    'ip daddr @nets tcp dport @ports drop',
    'ip saddr != @nets counter drop',
    'ip daddr @nets accept; meta l4proto { icmp, udp } drop',
    `meta l4proto vmap { tcp : ${verdict()}, udp : ${verdict()}, icmp : accept }`,
    `ip daddr & 0.0.0.3 == 0 drop`,
    `ip ttl 60-63 ${verdict()}`,
    `ct original ip daddr ${there.address} ${verdict()}`,
    `ct direction reply ${verdict()}`,
    `fib daddr type unicast ${verdict()}`,
  ]);
  const one = [
    dice.pick(['meta l4proto icmp drop', 'tcp dport 80 accept', 'counter']),
    ...dice.pick([[], ['drop'], ['return']]),
  ];
  return {
    text: `verdicts at ${here.node}`,
    steps: [
      nft(
        here.node,
        tableOf(
          'ip',
          `extra${at}`,
          [
            `set nets { type ipv4_addr; flags interval; elements = { ${prefixOf(there.segment)} }; }`,
            'set ports { type inet_service; flags interval; elements = { 70-80, 9999 }; }',
            ['chain one {', ...one, '}'].join('\n'),
          ],
          [`type filter hook ${hook} priority ${dice.pick([-310, -150, 0, 20])}`, rule],
        ),
      ),
    ],
    targets: [target(there.address), target(other.address), target(there.address, null, here.node)],
  };
};
