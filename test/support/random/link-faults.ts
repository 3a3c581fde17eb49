import { macOf, type TestNetwork } from '../network.ts';
import { diceFrom } from './dice.ts';
import type { DrawnNetwork, Port, Segment } from './draw-network.ts';

/** What may be odd about the devices of a network: told, and done. */
export interface LinkFault {
  readonly text: string;
  readonly apply: (net: TestNetwork) => Promise<void>;
}

/** Ports of bridges, hardware addresses and macvlan, drawn by dice of their own: the networks of other seeds stay as they are. */
export function linkFaults(drawn: DrawnNetwork): readonly LinkFault[] {
  const dice = diceFrom(drawn.seed + 700_001);
  const count = dice.pick([0, 0, 1, 1, 2]);
  return Array.from({ length: count }, () => {
    const segment = dice.pick(drawn.segments);
    const [one, other] = dice.shuffled(segment.ports);
    const third = dice.pick(segment.ports);
    const choices = [
      ...(one && other && segment.bridge ? bridgeFaults(segment, one, other, third) : []),
      ...(one && other
        ? [sameMac(one, other), onMacvlan(one, dice.pick(['bridge', 'private', 'vepa']))]
        : []),
    ];
    const { text, commands } = dice.pick(choices);
    return {
      text,
      apply: async (net) => {
        for (const [where, command] of await commands(net)) await net.run(where, command);
      },
    };
  });
}

interface Choice {
  readonly text: string;
  readonly commands: (net: TestNetwork) => Promise<readonly (readonly [where: string, command: string])[]>;
}

/** Where the bridge's own port towards a member is; null for the bridge itself. */
const portTo = ({ bridge }: Segment, { node, dev }: Port): string | null =>
  bridge === null || dev === bridge.dev ? null : `p${bridge.dev.slice(2)}${node}`;

function bridgeFaults(segment: Segment, one: Port, other: Port, third: Port): readonly Choice[] {
  const { bridge } = segment;
  const [mine, theirs] = [portTo(segment, one), portTo(segment, third)];
  if (!bridge || mine === null || theirs === null) return [];
  const written = (state: string): Choice => ({
    text: `${one.node}'s address is written ${state} on ${theirs}`,
    commands: async (net) => [
      [
        bridge.node,
        `bridge fdb replace ${await macOf(net, one.node, one.dev)} dev ${theirs} master ${state}`,
      ],
    ],
  });
  const set = (words: string): Choice => ({
    text: `${mine} ${words}`,
    commands: () => Promise.resolve([[bridge.node, `bridge link set dev ${mine} ${words}`]]),
  });
  return [
    written('static'),
    written('permanent'),
    set('locked on learning off'),
    set('bcast_flood off'),
    set('learning off flood off'),
    {
      text: `${mine} and that of ${other.node} are isolated`,
      commands: () =>
        Promise.resolve(
          [mine, portTo(segment, other)].flatMap((port) =>
            port === null ? [] : [[bridge.node, `bridge link set dev ${port} isolated on`] as const],
          ),
        ),
    },
  ];
}

const sameMac = (one: Port, other: Port): Choice => ({
  text: `${one.node} has the hardware address of ${other.node}`,
  commands: async (net) => [
    [one.node, `ip link set dev ${one.dev} address ${await macOf(net, other.node, other.dev)}`],
  ],
});

/** A second stack of the node on its own device. */
const onMacvlan = ({ node, dev, address, length }: Port, mode: string): Choice => ({
  text: `the address of ${node} on ${dev} moves to a macvlan of mode ${mode}`,
  commands: () =>
    Promise.resolve([
      [node, `ip link add link ${dev} name mv${dev} type macvlan mode ${mode}`],
      [node, `ip link set dev mv${dev} up`],
      [node, `ip address del ${address}/${length} dev ${dev}`],
      [node, `ip address add ${address}/${length} dev mv${dev}`],
    ]),
});
