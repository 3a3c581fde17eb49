import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import type { Route } from '../../../diagnostics/model/route.ts';
import type { Hop, Step, Trace } from '../../../diagnostics/model/trace.ts';
import type { Dice } from './dice.ts';
import type { DrawnNetwork, Port } from './draw-network.ts';
import { unusedAddress } from './draw-routes.ts';

/** A fault on the way of a flow that worked. */
export interface PathFault {
  readonly name: string;
  readonly node: string;
  readonly commands: readonly { readonly argv: readonly string[]; readonly input?: string }[];
  /** `id node` of causes that name it rightly; `id *` where several places are right. */
  readonly accepts: readonly string[];
  /** A server that has to be stopped for it. */
  readonly stops?: { readonly protocol: 'tcp' | 'udp'; readonly port: number; readonly again?: string };
  /** A person has to mend it: nobody else knows what was there. */
  readonly hands?: true;
}

interface At {
  readonly drawn: DrawnNetwork;
  readonly dice: Dice;
  readonly node: string;
  readonly hop: Hop;
  readonly direction: 'forward' | 'back';
  readonly previous: string | null;
  readonly first: boolean;
  readonly last: boolean;
}

/** Every fault that this way suggests, there and back. */
export function pathFaults(
  drawn: DrawnNetwork,
  { legs, namespaces, flow }: Diagnosis,
  dice: Dice,
): readonly PathFault[] {
  const [leg] = legs;
  const nodeOf = (hop: Hop): string => (namespaces[hop.namespace]?.label ?? '').replace('netns:', '');
  const along = (trace: Trace | null, direction: 'forward' | 'back'): readonly PathFault[] =>
    (trace?.hops ?? []).flatMap((hop, at, hops) => {
      const before = hops[at - 1];
      const place: At = {
        drawn,
        dice,
        hop,
        direction,
        node: nodeOf(hop),
        previous: before ? nodeOf(before) : null,
        first: at === 0,
        last: at === hops.length - 1,
      };
      return [
        ...linkFaults(place),
        ...hop.steps.flatMap((step) => stepFaults(place, step)),
        ...filterFaults(place, flow.protocol),
        ...endFaults(place),
      ];
    });
  return [...along(leg?.forward ?? null, 'forward'), ...along(leg?.back ?? null, 'back')];
}

const words = (...lines: readonly string[]): PathFault['commands'] =>
  lines.map((line) => ({ argv: line.split(' ') }));

function linkFaults({ hop, node, drawn }: At): readonly PathFault[] {
  const real = drawn.wires.flatMap(({ a, b }) => [a, b]).filter((end) => end.node === node);
  return [hop.inDev, hop.outDev].flatMap((dev) =>
    dev !== null && real.some((end) => end.dev === dev)
      ? [
          {
            name: 'link down',
            node,
            commands: words(`ip link set ${dev} down`),
            accepts: [`interface-down ${node}`],
          },
        ]
      : [],
  );
}

function stepFaults(at: At, step: Step): readonly PathFault[] {
  const { node, dice, direction } = at;
  switch (step.kind) {
    case 'bridge': {
      const ports = [step.inPort, step.outPort].filter((port) => port !== null);
      return [
        ...ports.map((port) => ({
          name: 'port disabled',
          node,
          commands: words(`bridge link set dev ${port} state 0`),
          accepts: [`bridge-port-blocked ${node}`],
        })),
        ...(ports.length === 2
          ? [
              {
                name: 'ports isolated',
                node,
                commands: words(...ports.map((port) => `bridge link set dev ${port} isolated on`)),
                accepts: [`bridge-port-blocked ${node}`],
              },
            ]
          : []),
        ...ports.map((port) => ({
          name: 'port detached',
          node,
          commands: words(`ip link set ${port} nomaster`),
          accepts: [`not-attached-to-bridge ${node}`],
        })),
        {
          name: 'bridge down',
          node,
          commands: words(`ip link set ${step.bridge} down`),
          accepts: [`interface-down ${node}`],
        },
      ];
    }
    case 'route':
      return step.route ? routeFaults(at, step, step.route) : [];
    case 'neighbour':
      return [
        {
          name: 'wrong static neighbour',
          node,
          commands: words(
            `ip neigh replace ${step.address} lladdr 02:00:00:00:00:99 dev ${step.dev} nud permanent`,
          ),
          accepts: [`stale-neighbour ${node}`],
        },
      ];
    case 'forward':
      return [
        dice.pick([
          words('sysctl -qw net.ipv4.ip_forward=0'),
          words(`sysctl -qw net.ipv4.conf.${step.dev}.forwarding=0`),
        ]),
      ].map((commands) => ({
        name: 'forwarding off',
        node,
        commands,
        accepts: [`ip-forward-off ${node}`],
      }));
    case 'translate':
      return step.what === 'source' && step.decidedBy && direction === 'forward'
        ? [
            {
              name: 'masquerading gone',
              node,
              commands: words(
                step.decidedBy.backend === 'nft'
                  ? `nft flush chain ${step.decidedBy.family} ${step.decidedBy.table} ${step.decidedBy.chain}`
                  : `${step.decidedBy.backend === 'legacy' ? 'iptables-legacy' : 'iptables'} -t nat -F ${step.decidedBy.chain}`,
              ),
              accepts: [`missing-masquerade ${node}`, 'no-return-route *', 'rp-filter *'],
            },
          ]
        : [];
    default:
      return [];
  }
}

function routeFaults(
  { node, dice, direction, drawn }: At,
  { destination }: Extract<Step, { kind: 'route' }>,
  route: Route,
): readonly PathFault[] {
  const table = route.table === 254 || route.table === 255 ? '' : ` table ${route.table}`;
  const refusal = dice.pick(['blackhole', 'unreachable', 'prohibit']);
  const [hop] = route.nextHops;
  const blackhole: PathFault = {
    name: 'refusing route',
    node,
    commands: words(`ip route add ${refusal} ${destination}${table}`),
    accepts: [`blackhole-route ${node}`],
  };
  const rule: PathFault = {
    name: 'refusing policy rule',
    node,
    commands: dice.pick([
      words(`ip rule add pref 5 to ${destination} ${refusal}`),
      words(`ip route add ${refusal} default table 999`, `ip rule add pref 5 to ${destination} lookup 999`),
    ]),
    accepts: [`policy-route ${node}`, `blackhole-route ${node}`],
  };
  if (route.type !== 'unicast' || !hop) return [];
  if (hop.via === undefined || hop.dev === undefined) return [blackhole, rule];
  const target = `${route.destination.length === 0 ? 'default' : `${route.destination.address}/${route.destination.length}`}`;
  const segment = drawn.segments.find(({ ports }) =>
    ports.some((port) => port.node === node && port.dev === hop.dev),
  );
  return [
    blackhole,
    rule,
    {
      name: 'route gone',
      node,
      commands: words(
        `ip route del ${target} via ${hop.via} dev ${hop.dev}${route.metric === 0 ? '' : ` metric ${route.metric}`}${table}`,
      ),
      accepts:
        direction === 'forward'
          ? [`no-route ${node}`, `blackhole-route ${node}`]
          : [`no-return-route ${node}`, 'missing-masquerade *', `blackhole-route ${node}`, 'rp-filter *'],
    },
    ...(segment
      ? [
          {
            name: 'wrong gateway',
            node,
            commands: words(
              `ip route replace ${target} via ${unusedAddress(segment)} dev ${hop.dev}${route.metric === 0 ? '' : ` metric ${route.metric}`}${table}`,
            ),
            accepts: [`gateway-unreachable ${node}`],
          },
        ]
      : []),
  ];
}

function filterFaults(at: At, protocol: string): readonly PathFault[] {
  const { node, dice, hop, first, last } = at;
  if (at.drawn.switches.includes(node)) return [];
  const routed = hop.steps.some(({ kind }) => kind === 'forward');
  const hooks = [
    ...(first ? ['output', 'postrouting'] : []),
    ...(last ? ['prerouting', 'input'] : []),
    ...(routed ? ['prerouting', 'forward', 'forward', 'postrouting'] : []),
  ];
  if (hooks.length === 0) return [];
  const hook = dice.pick(hooks);
  const chain = hook.toUpperCase();
  const accepts = [`filter-drop ${node}`, `filter-reject ${node}`];
  const tool = dice.pick(['iptables', 'iptables-legacy']);
  const table = ['prerouting', 'postrouting'].includes(hook)
    ? 'mangle'
    : dice.pick(['mangle', 'filter', 'filter']);
  const verdict = table === 'filter' ? dice.pick(['DROP', 'REJECT']) : 'DROP';
  const match = protocol === 'icmp' ? '-p icmp' : `-p ${protocol}`;
  const place = dice.pick(['-I', '-A']);
  return [
    {
      name: `${tool} ${verdict} in ${table} ${chain}`,
      node,
      commands: words(`${tool} -t ${table} ${place} ${chain} ${match} -j ${verdict}`),
      accepts,
    },
    {
      name: `nft drop at ${hook}`,
      node,
      commands: [
        {
          argv: ['nft', '-f', '-'],
          input: `table inet fault {
            chain inner { meta l4proto ${protocol} counter ${dice.pick(['drop', hook === 'postrouting' ? 'drop' : 'reject'])}
            }
            chain base { type filter hook ${hook} priority ${dice.pick([-290, -10, 0, 20])}; policy accept; ip daddr ${hop.packet.destination} jump inner
            }
          }`,
        },
      ],
      accepts,
    },
    ...(['input', 'output', 'forward'].includes(hook)
      ? [
          {
            name: `policy drop of ${chain}`,
            node,
            commands: words(`${tool} -P ${chain} DROP`),
            accepts: [`policy-drop ${node}`],
          },
        ]
      : []),
    {
      name: 'strict reverse path filter',
      node,
      commands: words('sysctl -qw net.ipv4.conf.all.rp_filter=1'),
      accepts: [`rp-filter ${node}`],
    },
  ];
}

/** IPv4's 8 and 30, whatever the family: an IPv6 network stands for one of IPv4 that is as large. */
const wider = (length: number): number => (length > 32 ? 16 : 8);
const narrower = (length: number): number => (length > 64 ? 126 : length > 32 ? 62 : 30);

const portsOf = ({ drawn, node }: At): readonly Port[] =>
  drawn.segments.flatMap(({ ports }) => ports.filter((port) => port.node === node));

function endFaults(at: At): readonly PathFault[] {
  const { node, hop, first, last, direction, previous, drawn } = at;
  if (direction === 'back') return [];
  const faults: PathFault[] = [];
  if (first)
    for (const { dev, address, length } of portsOf(at)) {
      faults.push({
        name: 'sender without address',
        node,
        commands: words(`ip addr del ${address}/${length} dev ${dev}`),
        accepts: [`no-address ${node}`, `no-route ${node}`],
        hands: true,
      });
    }
  if (first || last)
    for (const { dev, address, length } of portsOf(at))
      faults.push(
        ...[wider(length), narrower(length)].map((wrong) => ({
          name: `prefix /${wrong} instead of /${length}`,
          node,
          commands: words(
            `ip addr add ${address}/${wrong} dev ${dev}`,
            `ip addr del ${address}/${length} dev ${dev}`,
          ),
          accepts: [`wrong-prefix ${node}`],
        })),
      );
  if (last) {
    const own = portsOf(at).find(({ address }) => address === hop.packet.destination);
    if (own)
      faults.push({
        name: 'destination without address',
        node,
        commands: words(`ip addr del ${own.address}/${own.length} dev ${own.dev}`),
        accepts: [`neighbour-unresolved *`, `gateway-unreachable *`, `no-address ${node}`, 'no-route *'],
        hands: true,
      });
    const { protocol, destinationPort: port } = hop.packet;
    if (protocol !== 'tcp' && protocol !== 'udp')
      faults.push({
        name: 'echo ignored',
        node,
        commands: words('sysctl -qw net.ipv4.icmp_echo_ignore_all=1'),
        accepts: [`echo-ignored ${node}`],
      });
    else if (drawn.listeners.some((it) => it.node === node && it.port === port))
      faults.push(
        {
          name: 'server stopped',
          node,
          commands: [],
          stops: { protocol, port },
          accepts: [`no-listener ${node}`],
          hands: true,
        },
        {
          name: 'server on loopback',
          node,
          commands: [],
          stops: { protocol, port, again: '127.0.0.1' },
          accepts: [`listens-on-loopback ${node}`],
          hands: true,
        },
      );
  } else if (!first && previous !== null)
    for (const { dev, address, length } of portsOf(at).filter((port) => port.dev === hop.inDev))
      faults.push({
        name: 'gateway without address',
        node,
        commands: words(`ip addr del ${address}/${length} dev ${dev}`),
        accepts: [
          'gateway-unreachable *',
          'no-return-route *',
          `no-address ${node}`,
          'no-route *',
          'wrong-prefix *',
        ],
        hands: true,
      });
  return faults;
}
