import { formatAddress, parseAddress } from '../../../diagnostics/model/ip.ts';
import type { Dice } from './dice.ts';
import { hostAddress, type Port, type Segment, type Skeleton } from './draw-network.ts';

/** A route of a node, before anybody has said how it is to be written. */
export interface DrawnRoute {
  readonly node: string;
  /** `default` or a prefix. */
  readonly target: string;
  readonly via: string;
  readonly dev: string;
}

export const prefixOf = ({ network, length }: Segment): string => `${network}/${length}`;

/** Ways from every node to every segment: leaves mostly by a default gateway, routers by one route a segment. */
export function routeEverywhere(skeleton: Skeleton, dice: Dice): readonly DrawnRoute[] {
  const { routers, leaves, segments } = skeleton;
  const routes: DrawnRoute[] = [];
  for (const node of [...routers, ...leaves]) {
    const remote = segments.filter(({ ports }) => !ports.some((port) => port.node === node));
    const towards = remote.flatMap((segment) => {
      const hop = nextHop(skeleton, node, segment, dice);
      return hop ? [{ segment, hop }] : [];
    });
    const [first] = towards;
    if (!first) continue;
    const single = towards.every(({ hop }) => hop.via === first.hop.via);
    const default_ = node.startsWith('h') ? single || dice.chance(0.6) : single && dice.chance(0.4);
    if (default_) {
      const chosen = dice.pick(towards).hop;
      routes.push({ node, target: 'default', ...chosen });
      if (single) continue;
    }
    for (const { segment, hop } of towards) routes.push({ node, target: prefixOf(segment), ...hop });
  }
  return routes;
}

/** The neighbouring router on a shortest way. */
function nextHop(
  { segments }: Skeleton,
  node: string,
  target: Segment,
  dice: Dice,
): { readonly via: string; readonly dev: string } | null {
  const own = segments.filter(({ ports }) => ports.some((port) => port.node === node));
  const routersOf = (segment: Segment): readonly Port[] =>
    segment.ports.filter((port) => port.node.startsWith('r') && port.node !== node);
  const distance = (from: string, seen: ReadonlySet<string>): number => {
    const here = segments.filter(({ ports }) => ports.some((port) => port.node === from));
    if (here.includes(target)) return 0;
    const next = here.flatMap(routersOf).filter((port) => !seen.has(port.node));
    return 1 + Math.min(99, ...next.map((port) => distance(port.node, new Set([...seen, from]))));
  };
  const choices = own.flatMap((segment) =>
    routersOf(segment).map((port) => ({
      via: port.address,
      dev: segment.ports.find((it) => it.node === node)?.dev ?? '',
      length: distance(port.node, new Set([node])),
    })),
  );
  const shortest = Math.min(...choices.map(({ length }) => length));
  if (!(shortest < 90)) return null;
  const { via, dev } = dice.pick(choices.filter(({ length }) => length === shortest));
  return { via, dev };
}

/** An address of a segment that nobody has. */
export const unusedAddress = ({ network }: Segment): string => {
  const parsed = parseAddress(network);
  return parsed?.family === 6
    ? formatAddress({ family: 6, value: parsed.value + 13n })
    : hostAddress(network, 13);
};
