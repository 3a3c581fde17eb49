import type { PublishedPort } from '../model/container.ts';
import type { NamespaceId } from '../model/ids.ts';
import { known } from '../model/fact.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';
import type { ListeningSocket } from '../model/socket.ts';
import { isHeldPort } from '../simulate/ip/held-port.ts';
import { insertRule, type InsertRule } from './actions/insert-rule.ts';
import { ANY, type RuleSpec } from './rule-spec.ts';

/**
 * What an engine does at its host once it can publish a container's ports, on paper: as far as a packet meets it. What comes in
 * is forwarded by rules; what the host itself sends is taken by docker-proxy, or by rules that come to the same.
 */
export const publishPorts = (
  snapshot: Snapshot,
  host: NamespaceId,
  ports: readonly PublishedPort[],
  address: string,
): Snapshot =>
  withFacts(
    ports
      .flatMap((port) => rulesFor(host, port, address))
      .reduce((now, rule) => insertRule.change(rule, now), snapshot),
    host,
    (facts) => ({
      ...facts,
      sockets:
        facts.sockets.state === 'known'
          ? known([
              // What only keeps a port is past by then: the connection does not come to it any more.
              ...facts.sockets.value.filter(
                (socket) => !isAmong(ports, socket) || !isHeldPort(snapshot, host, socket),
              ),
              ...ports.flatMap((port) => relayFor(port, address)),
            ])
          : facts.sockets,
    }),
  );

const isAmong = (ports: readonly PublishedPort[], { protocol, port }: ListeningSocket): boolean =>
  ports.some((it) => it.protocol === protocol && it.hostPort === port);

/** On paper: it waits for connections at the host, and opens its own to the container. */
function relayFor(
  { protocol, hostPort, hostAddress, containerPort }: PublishedPort,
  address: string,
): readonly ListeningSocket[] {
  if (protocol === 'sctp') return [];
  const everywhere = hostAddress === '' ? '0.0.0.0' : hostAddress;
  return [
    {
      protocol,
      family: everywhere.includes(':') ? 6 : 4,
      address: everywhere,
      port: hostPort,
      v6only: true,
      relaysTo: { address, port: containerPort },
    },
  ];
}

function rulesFor(
  namespace: NamespaceId,
  { protocol, hostPort, hostAddress, containerPort }: PublishedPort,
  address: string,
): readonly InsertRule[] {
  if (protocol === 'sctp' || hostAddress.includes(':')) return [];
  const rule = (table: string, chain: string, spec: RuleSpec): InsertRule => ({
    kind: 'insert-rule',
    place: { namespace, backend: 'iptables-nft', family: 'ip', table, chain },
    before: { number: 1 },
    spec,
  });
  const everywhere = hostAddress === '' || hostAddress === '0.0.0.0';
  const translated: RuleSpec = {
    ...{ ...ANY, destination: everywhere ? null : hostAddress, protocol, destinationPort: hostPort },
    action: { type: 'dnat', address, port: containerPort },
  };
  const accepted: RuleSpec = { ...ANY, protocol, action: { type: 'accept' } };
  return [
    rule('nat', 'PREROUTING', translated),
    rule('filter', 'FORWARD', { ...accepted, destination: address, destinationPort: containerPort }),
    rule('filter', 'FORWARD', {
      ...accepted,
      ...{ source: address, sourcePort: containerPort, established: true },
    }),
  ];
}
