import type { Evidence } from '../model/diagnosis.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { RuleReference } from '../model/trace.ts';
import { iptablesTool } from '../fixes/rule-spec.ts';

/** The command, with the words before it that lead into a namespace. */
export function readIn(snapshot: Snapshot, id: NamespaceId, command: string): string {
  const name = findNamespace(snapshot, id)?.names[0];
  switch (name?.type) {
    case undefined:
    case 'host':
      return command;
    case 'netns':
      return `ip netns exec ${name.name} ${command}`;
    case 'container':
      return `nsenter --net=$(docker inspect -f '{{.NetworkSettings.SandboxKey}}' ${name.name}) ${command}`;
    case 'pid':
      return `nsenter --net --target ${name.pid} ${command}`;
  }
}

export const linkEvidence = (snapshot: Snapshot, id: NamespaceId, link: Link): Evidence => ({
  source: readIn(snapshot, id, `ip address show dev ${link.name}`),
  text: [
    `${link.name}:`,
    `<${link.flags.join(',')}>`,
    `mtu ${link.mtu}`,
    link.up ? (link.carrier ? 'state UP' : 'state DOWN (no carrier)') : 'state DOWN',
    ...link.addresses.map(({ address, length }) => `${address}/${length}`),
  ].join(' '),
});

export const routeEvidence = (
  snapshot: Snapshot,
  id: NamespaceId,
  destination: string,
  text: string,
): Evidence => ({
  source: readIn(snapshot, id, `ip route get ${destination}`),
  text,
});

export const sysctlEvidence = (key: string, value: string): Evidence => ({
  source: `/proc/sys/${key}`,
  text: value,
});

/** The rule (or policy) that decided, and where it is listed. */
export function ruleEvidence(snapshot: Snapshot, id: NamespaceId, by: RuleReference): Evidence {
  const listing =
    by.backend === 'nft'
      ? `nft -a list chain ${by.family} ${by.table} ${by.chain}`
      : `${iptablesTool(by.backend, by.family)} -t ${by.table} -S ${by.chain}`;
  return {
    source: readIn(snapshot, id, listing),
    text: by.rule === null ? `policy drop (chain ${by.chain})` : by.rule.text,
  };
}
