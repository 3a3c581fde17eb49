import { diceFrom, type Dice } from './dice.ts';
import { enrich } from './enrich.ts';
import { routeEverywhere } from './draw-routes.ts';
import { season } from './seasoning.ts';

/** A device of a node, with its address on a segment. */
export interface Port {
  readonly node: string;
  readonly dev: string;
  readonly address: string;
  readonly length: number;
}

/** What shares one broadcast domain and one network. */
export interface Segment {
  readonly network: string;
  readonly length: number;
  readonly ports: readonly Port[];
  /** The bridge that joins the ports, alone in a node of its own, or with an address on a router; null: one wire. */
  readonly bridge: { readonly node: string; readonly dev: string } | null;
}

export interface Wire {
  readonly a: { readonly node: string; readonly dev: string };
  readonly b: { readonly node: string; readonly dev: string };
}

export interface Listener {
  readonly node: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** What is done in a node once every link is up. */
export interface Setup {
  readonly node: string;
  /** Lines for `ip -batch`. */
  readonly ip: readonly string[];
  /** `key=value` for sysctl(8). */
  readonly sysctls: readonly string[];
  /** Commands with their standard input. */
  readonly rules: readonly { readonly argv: readonly string[]; readonly input: string }[];
}

/** A network on paper: the same for the same seed. */
export interface DrawnNetwork {
  readonly seed: number;
  readonly family: 4 | 6;
  readonly routers: readonly string[];
  readonly leaves: readonly string[];
  readonly switches: readonly string[];
  readonly segments: readonly Segment[];
  readonly wires: readonly Wire[];
  readonly setups: readonly Setup[];
  readonly listeners: readonly Listener[];
  /** Ports of routers that a rule translates to a leaf's. */
  readonly published: readonly { readonly address: string; readonly port: number }[];
}

export type Skeleton = Omit<DrawnNetwork, 'setups' | 'listeners' | 'published'>;

/** Networks of all sizes, none of them longer than a /28 allows. */
const NETWORKS: readonly ((k: number) => readonly [string, number])[] = [
  (k) => [`10.${k}.0.0`, 24],
  (k) => [`10.${k}.7.64`, 28],
  (k) => [`172.20.${k * 4}.0`, 22],
  (k) => [`192.168.${k}.128`, 25],
  (k) => [`10.${k}.0.0`, 16],
];

/** The `host`th address of a network of IPv4. */
export function hostAddress(network: string, host: number): string {
  const bytes = network.split('.').map(Number);
  bytes[3] = (bytes[3] ?? 0) + host;
  return bytes.join('.');
}

export function drawNetwork(seed: number): DrawnNetwork {
  const dice = diceFrom(seed);
  const skeleton = drawSkeleton(seed, dice);
  return enrich(season(skeleton, routeEverywhere(skeleton, dice), dice));
}

/** One to three routers in a chain, a ring or on one segment, leaves behind them; sometimes no router at all. */
function drawSkeleton(seed: number, dice: Dice): Skeleton {
  const routers = Array.from({ length: dice.pick([0, 1, 1, 2, 2, 3]) }, (_, at) => `r${at + 1}`);
  const groups: string[][] = [];
  if (routers.length > 1) {
    const shape = dice.pick(['chain', 'chain', 'ring', 'hub']);
    if (shape === 'hub') groups.push([...routers]);
    else for (let at = 0; at + 1 < routers.length; at += 1) groups.push(routers.slice(at, at + 2));
    if (shape === 'ring' && routers.length === 3) groups.push([routers[0] ?? '', routers[2] ?? '']);
  }
  const leaves: string[] = [];
  const addLan = (router: string | null, size: number): void => {
    const members = Array.from({ length: size }, () => {
      leaves.push(`h${leaves.length + 1}`);
      return leaves.at(-1) ?? '';
    });
    groups.push([...(router === null ? [] : [router]), ...members]);
  };
  if (routers.length === 0) addLan(null, dice.pick([2, 3, 3]));
  // The first and the last router have a network behind them, so that packets have far to go.
  for (const [at, router] of routers.entries()) {
    const outer = at === 0 || at === routers.length - 1;
    if (outer || dice.chance(0.3)) addLan(router, dice.pick([1, 1, 2, 2, 3]));
    if (routers.length === 1 || dice.chance(0.15)) addLan(router, dice.pick([1, 2]));
  }
  // A leaf with a foot in two networks.
  if (routers.length > 1 && dice.chance(0.25)) {
    const lans = groups.filter((group) => group.some((node) => node.startsWith('h')));
    const [first, second] = dice.shuffled(lans);
    const leaf = first?.find((node) => node.startsWith('h'));
    if (leaf !== undefined && second && !second.includes(leaf)) second.push(leaf);
  }
  return wireUp(seed, { routers, leaves }, groups, dice);
}

function wireUp(
  seed: number,
  { routers, leaves }: { readonly routers: readonly string[]; readonly leaves: readonly string[] },
  groups: readonly (readonly string[])[],
  dice: Dice,
): Skeleton {
  const switches: string[] = [];
  const wires: Wire[] = [];
  const segments = groups.map((members, at): Segment => {
    const k = at + 1;
    const [network, length] = dice.pick(NETWORKS)(k);
    const [first = ''] = members;
    const ports = (bridgeHost: string | null): readonly Port[] =>
      members.map((node, index) => ({
        node,
        dev: node === bridgeHost ? `br${k}` : `e${k}`,
        address: hostAddress(network, node.startsWith('r') ? index + 1 : index + 4),
        length,
      }));
    if (members.length === 2 && dice.chance(0.6)) {
      const [a, b] = members.map((node) => ({ node, dev: `e${k}` }));
      if (a && b) wires.push({ a, b });
      return { network, length, ports: ports(null), bridge: null };
    }
    const inRouter = first.startsWith('r') && dice.chance(0.4);
    const host = inRouter ? first : `s${k}`;
    if (!inRouter) switches.push(host);
    for (const node of members)
      if (node !== host) wires.push({ a: { node, dev: `e${k}` }, b: { node: host, dev: `p${k}${node}` } });
    return { network, length, ports: ports(inRouter ? host : null), bridge: { node: host, dev: `br${k}` } };
  });
  return { seed, family: 4, routers, leaves, switches, segments, wires };
}
