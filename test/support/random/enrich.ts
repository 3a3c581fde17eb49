import { diceFrom, type Dice } from './dice.ts';
import { hostAddress, type DrawnNetwork, type Segment, type Setup } from './draw-network.ts';
import { unusedAddress } from './draw-routes.ts';

/** What came later to the drawn networks, by dice of its own so that the seeds keep their networks: MTUs, several next hops, rules. */
export function enrich(drawn: DrawnNetwork): DrawnNetwork {
  const dice = diceFrom(drawn.seed + 44_041);
  const more = new Map<string, string[]>();
  const add = (node: string, line: string): void => {
    more.set(node, [...(more.get(node) ?? []), line]);
  };
  for (const segment of drawn.segments) if (dice.chance(0.3)) narrow(segment, dice, add);
  for (const node of [...drawn.routers, ...drawn.leaves]) if (dice.chance(0.15)) add(node, decoyRule(dice));
  const setups = drawn.setups.map((setup) => severalHops(drawn, setup, dice, add));
  return {
    ...drawn,
    setups: setups.map((setup) => ({ ...setup, ip: [...setup.ip, ...(more.get(setup.node) ?? [])] })),
  };
}

type Add = (node: string, line: string) => void;

/** A smaller MTU for all ends of a segment, as it should be, or for one of them alone. */
function narrow({ ports, bridge }: Segment, dice: Dice, add: Add): void {
  const mtu = dice.pick([1280, 1400, 1400, 1460]);
  const ends = [
    ...ports.filter(({ dev }) => dev !== bridge?.dev).map(({ node, dev }) => ({ node, dev })),
    ...(bridge
      ? ports
          .filter(({ dev }) => dev !== bridge.dev)
          .map(({ node }) => ({ node: bridge.node, dev: `p${bridge.dev.slice(2)}${node}` }))
      : []),
  ];
  const chosen = dice.chance(0.7) ? ends : [dice.pick(ends)];
  for (const { node, dev } of chosen) add(node, `link set dev ${dev} mtu ${mtu}`);
}

const decoyRule = (dice: Dice): string =>
  dice.pick([
    'rule add pref 400 uidrange 5000-6000 prohibit',
    'rule add pref 401 tos 0x10 blackhole',
    'rule add pref 402 ipproto udp dport 9999 unreachable',
    'rule add pref 403 goto 32766',
    'rule add pref 404 fwmark 0x77 prohibit',
  ]);

/** One route of a node gets a second next hop: the same router by another address, or nobody. */
function severalHops(drawn: DrawnNetwork, setup: Setup, dice: Dice, add: Add): Setup {
  if (!dice.chance(0.2)) return setup;
  const at = setup.ip.findIndex((line) => /^route add (\S+) via (\S+) dev (\S+)$/.test(line));
  const [, target, via, dev] = /^route add (\S+) via (\S+) dev (\S+)$/.exec(setup.ip[at] ?? '') ?? [];
  const segment = drawn.segments.find(({ ports }) => ports.some((port) => port.address === via));
  const gateway = segment?.ports.find((port) => port.address === via);
  if (target === undefined || via === undefined || dev === undefined || !segment || !gateway) return setup;
  const last = Number(via.split('.')[3]) - Number(segment.network.split('.')[3]);
  const second = hostAddress(segment.network, 14);
  // One more address a segment, and none that somebody was given before.
  if (last !== 1 || drawn.setups.some(({ ip }) => ip.some((line) => line.includes(`${second}/`))))
    return setup;
  const other = dice.chance(0.8) ? second : unusedAddress(segment);
  if (other !== unusedAddress(segment))
    add(gateway.node, `addr add ${other}/${gateway.length} dev ${gateway.dev}`);
  const line = `route add ${target} nexthop via ${via} dev ${dev} weight ${1 + dice.int(3)} nexthop via ${other} dev ${dev}`;
  return { ...setup, ip: setup.ip.map((one, index) => (index === at ? line : one)) };
}
