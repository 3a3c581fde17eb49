import type { Dice } from '../dice.ts';
import { feet, step, target, type DrawExtra, type Foot } from './extra.ts';
import { prefixOf } from '../draw-routes.ts';
import type { WildFault } from '../wild-faults.ts';

/** How the ends of a tunnel know each other (vxlan in ip-link(8)). */
type Way = 'remote' | 'one learns' | 'flooded' | 'fixed';

interface End {
  readonly foot: Foot;
  readonly inner: string;
  readonly mac: string;
}

/** A vxlan over whatever the network is, between two or three nodes. */
export const drawVxlan: DrawExtra = (drawn, dice, at) => {
  const byNode = new Map(dice.shuffled(feet(drawn)).map((foot) => [foot.node, foot]));
  const way = dice.pick<Way>(['remote', 'remote', 'one learns', 'flooded', 'flooded', 'fixed']);
  const count = way === 'flooded' || way === 'fixed' ? dice.pick([2, 3]) : 2;
  const ends = [...byNode.values()].slice(0, count).map((foot, index): End => ({
    foot,
    inner: `10.99.${at}.${index + 1}`,
    mac: `02:99:00:00:0${at}:0${index + 1}`,
  }));
  if (ends.length < 2) return null;
  const dev = `vx${at}`;
  const common = ['id 42', `dstport ${dice.pick([4789, 8472])}`, ...(way === 'fixed' ? ['nolearning'] : [])];
  const mtu = dice.pick([null, null, 1500, 1450, 1400, 1300]);
  const bridged = dice.chance(0.3);
  const odd = dice.chance(0.2) ? dice.pick(ends) : null;
  const steps = ends.flatMap((end, index): readonly WildFault[] => {
    const { node } = end.foot;
    const others = ends.filter((one) => one !== end);
    const options = [
      ...common.map((option) =>
        end === odd ? option.replace(/^(id|dstport) (\d+)/, otherNumber(dice)) : option,
      ),
      ...(way === 'remote' || (way === 'one learns' && index === 0)
        ? [`remote ${others[0]?.foot.address ?? ''}`]
        : [`local ${end.foot.address}`]),
      ...oddOptions(end, dice),
    ];
    const carrier = bridged ? `bx${at}` : dev;
    return [
      step(node, `ip link add ${dev} address ${end.mac} type vxlan ${options.join(' ')}`),
      ...(mtu === null ? [] : [step(node, `ip link set ${dev} mtu ${mtu}`)]),
      ...(bridged
        ? [
            step(node, `ip link add ${carrier} address ${end.mac} type bridge`),
            step(node, `ip link set ${dev} master ${carrier}`),
          ]
        : []),
      step(node, `ip addr add ${end.inner}/24 dev ${carrier}`),
      step(node, `ip link set ${dev} up`),
      ...(bridged ? [step(node, `ip link set ${carrier} up`)] : []),
      ...(way === 'flooded'
        ? others.map(({ foot }) =>
            step(node, `bridge fdb append 00:00:00:00:00:00 dev ${dev} dst ${foot.address}`),
          )
        : []),
      ...(way === 'fixed' ? others.flatMap((other) => fixed(node, dev, carrier, other)) : []),
    ];
  });
  const [first, second] = ends;
  const behind = second && dice.chance(0.4) ? networkBehind(first?.foot ?? second.foot, second, dice) : null;
  return {
    text: `vxlan (${way}) between ${ends.map(({ foot }) => foot.node).join(', ')}`,
    steps: [...steps, ...(behind ? [behind.step] : [])],
    targets: [
      ...ends.flatMap(({ inner, foot }) =>
        ends.filter((other) => other.foot !== foot).map((other) => target(inner, null, other.foot.node)),
      ),
      ...(behind && first ? [target(behind.address, null, first.foot.node)] : []),
    ],
  };
};

const otherNumber =
  (dice: Dice) =>
  (option: string): string =>
    dice.chance(0.5) ? option.replace(/\d$/, (digit) => `${(Number(digit) + 1) % 10}`) : option;

const oddOptions = ({ foot }: End, dice: Dice): readonly string[] =>
  dice.chance(0.5)
    ? []
    : [
        dice.pick([
          `dev ${foot.dev}`,
          'ttl 1',
          'ttl 7',
          'ttl inherit',
          'df set',
          'df inherit',
          'srcport 40000 40010',
          'noudpcsum',
          'udpcsum',
          'proxy',
          'l2miss',
          'ageing 10',
          'gbp',
        ]),
      ];

/** As a container network's daemon writes it: where each address is, and whose hardware address is behind which end. */
const fixed = (
  node: string,
  dev: string,
  carrier: string,
  { inner, mac, foot }: End,
): readonly WildFault[] => [
  step(node, `bridge fdb append ${mac} dev ${dev} dst ${foot.address}`),
  step(node, `ip neigh add ${inner} lladdr ${mac} dev ${carrier} nud permanent`),
];

/** A network of the far end's, by way of the tunnel. */
function networkBehind(
  from: Foot,
  { foot, inner }: End,
  dice: Dice,
): { readonly step: WildFault; readonly address: string } | null {
  if (from.segment === foot.segment) return null;
  const to = dice.pick(foot.segment.ports);
  return {
    step: step(from.node, `ip route replace ${prefixOf(foot.segment)} via ${inner}`),
    address: to.address,
  };
}
