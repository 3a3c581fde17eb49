import { containerLabel, type OwnContainer } from '../model/engines.ts';
import { ANY } from '../fixes/rule-spec.ts';
import { familyOf } from '../model/ip.ts';
import type { LastingRule } from '../fixes/actions/insert-rule.ts';
import type { Remedy } from './finding.ts';
import { isLoopback, type Refusal } from './listeners.ts';
import type { WaySituation } from './situation.ts';

/** Forward the port for now, as publishing it would have done; or ask the container itself. */
export function publishRemedies(
  situation: WaySituation,
  { namespace, protocol, port, address }: Refusal,
  { engine, container }: OwnContainer,
  containerPort: number,
): readonly Remedy[] {
  const six = familyOf(address) === 6;
  const to = container.networks
    .map((network) => (six ? network.address6 : network.address))
    .find((own) => own !== undefined);
  if (to === undefined) return [];
  const outside = situation.flow.from.type === 'outside';
  const sentHere = !outside && situation.trace.hops.length === 1;
  // What is sent to the loopback is sent from there too, and no container answers that.
  const forwardable = !(sentHere && isLoopback({ address }));
  const place = {
    namespace,
    backend: 'iptables-nft' as const,
    family: six ? ('ip6' as const) : ('ip' as const),
    table: 'nat',
    chain: sentHere ? 'OUTPUT' : 'PREROUTING',
  };
  const spec = {
    ...ANY,
    destination: address,
    protocol,
    destinationPort: port,
    action: { type: 'dnat' as const, address: to, port: containerPort },
  };
  const everywhere = `${port}:${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
  const lasting: LastingRule = {
    ...{ type: 'publish', container: container.name },
    ...{ everywhere, here: `${six ? `[${address}]` : address}:${everywhere}` },
  };
  return [
    ...(forwardable
      ? [{ actions: [{ kind: 'insert-rule' as const, place, before: null, spec, lasting }] }]
      : []),
    // Who comes from outside has no way to a container's address.
    ...(outside
      ? []
      : [
          {
            actions: [
              {
                kind: 'ask-instead' as const,
                to: containerLabel({ engine, container }),
                port: containerPort === port ? null : containerPort,
                address: to,
              },
            ],
          },
        ]),
  ];
}
