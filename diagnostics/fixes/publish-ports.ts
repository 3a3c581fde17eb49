import type { PublishedPort } from '../model/container.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { insertRule, type InsertRule } from './actions/insert-rule.ts';
import { ANY, type RuleSpec } from './rule-spec.ts';

/** What an engine writes into the firewall of its host once it can publish a container's ports, on paper: as far as a packet meets it. */
export const publishPorts = (
  snapshot: Snapshot,
  host: NamespaceId,
  ports: readonly PublishedPort[],
  address: string,
): Snapshot =>
  ports
    .flatMap((port) => rulesFor(host, port, address))
    .reduce((now, rule) => insertRule.change(rule, now), snapshot);

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
