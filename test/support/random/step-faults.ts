import type { Route } from '../../../diagnostics/model/route.ts';
import type { Step } from '../../../diagnostics/model/trace.ts';
import { unusedAddress } from './draw-routes.ts';
import { words, type At, type PathFault } from './path-fault.ts';

/** What a step of the way suggests: a bridge's ports, a route, a neighbour, forwarding, masquerading. */
export function stepFaults(at: At, step: Step): readonly PathFault[] {
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
