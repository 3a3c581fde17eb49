import type { Dice } from '../dice.ts';
import type { DrawnNetwork, Port, Segment } from '../draw-network.ts';
import type { WildFault } from '../wild-faults.ts';

/** Something that a network may well have besides: said for IPv4, translated for IPv6 as faults are. */
export interface Extra {
  readonly text: string;
  /** One after another. */
  readonly steps: readonly WildFault[];
  /** What it makes worth asking for. */
  readonly targets: readonly Target[];
  /** The other family has no such thing, or not in these words. */
  readonly only?: 4 | 6;
}

export interface Target {
  readonly address: string;
  /** null: any of the usual ones. */
  readonly port: number | null;
  /** Who asks; null: anybody. */
  readonly from: string | null;
}

/** Draws one extra of its kind; null where the network has no place for it. `at` numbers the extras of one network. */
export type DrawExtra = (drawn: DrawnNetwork, dice: Dice, at: number) => Extra | null;

/** One command of a node, split at blanks. */
export const step = (where: string, command: string, input?: string): WildFault => ({
  where,
  argv: command.split(' '),
  ...(input === undefined ? {} : { input }),
});

/** A table of nft with base chains, each told by its lines. */
export const chains = (name: string, ...told: readonly (readonly string[])[]): string =>
  tableOf('ip', name, [], ...told);

/** The same with what the chains need: sets, maps, chains to jump to. */
export const tableOf = (
  family: 'ip' | 'bridge',
  name: string,
  before: readonly string[],
  ...told: readonly (readonly string[])[]
): string =>
  [
    `table ${family} ${name} {`,
    ...before,
    ...told.map((lines, at) => [`chain c${at} {`, ...lines, '}'].join('\n')),
    '}',
    '',
  ].join('\n');

export const target = (address: string, port: number | null = null, from: string | null = null): Target => ({
  address,
  port,
  from,
});

/** A port with its segment, and its neighbours there. */
export interface Foot extends Port {
  readonly segment: Segment;
  readonly others: readonly Port[];
}

/** Where the nodes stand. */
export const feet = ({ segments }: DrawnNetwork): readonly Foot[] =>
  segments.flatMap((segment) =>
    segment.ports.map((port) => ({
      ...port,
      segment,
      others: segment.ports.filter(({ node }) => node !== port.node),
    })),
  );

export const isRouter = ({ node }: Port): boolean => node.startsWith('r');

/** Of a list that may be empty. */
export const pickOr = <T>(dice: Dice, list: readonly T[]): T | null =>
  list.length > 0 ? dice.pick(list) : null;
