import type { Evidence } from '../model/diagnosis.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { RuleReference } from '../model/trace.ts';
import { isNftName } from '../fixes/nft-text.ts';
import { iptablesTool } from '../fixes/rule-spec.ts';
import { enteringContainer } from '../model/entering-container.ts';
import type { Container, Engine } from '../model/container.ts';
import { containersOn, engineCommand, engineRunning } from '../model/engines.ts';
import { shellWord } from '../model/shell-word.ts';

/** A command as a person can paste it. */
const shellLine = (command: readonly string[]): string => command.map(shellWord).join(' ');

const isNamed = (snapshot: Snapshot, container: string): boolean =>
  snapshot.hosts.some((host) => containersOn(host).some(({ name }) => name === container));

/** A question to an engine, as a person can paste it; Docker's client where nothing tells whose container it is. */
export const engineLine = (engine: Engine | null, ...words: readonly string[]): string =>
  shellLine(engine === null ? ['docker', ...words] : engineCommand(engine, ...words));

/** Which networks containers are on, as their engine says. */
export const networksEvidence = (engine: Engine, containers: readonly Container[]): Evidence => ({
  source: engineLine(
    engine,
    ...['inspect', '-f', '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}'],
    ...containers.map(({ name }) => name),
  ),
  text: containers
    .map(({ name, networks }) => `${name}: ${networks.map(({ network }) => network).join(' ')}`)
    .join('; '),
});

/** The command, with the words before it that lead into a namespace. */
export function readIn(snapshot: Snapshot, id: NamespaceId, command: readonly string[]): string {
  const names = findNamespace(snapshot, id)?.names ?? [];
  // A container that only its cgroup tells of is no engine's to ask.
  const name = names.find((one) => one.type !== 'container' || isNamed(snapshot, one.name)) ?? names[0];
  const words = shellLine(command);
  switch (name?.type) {
    case undefined:
    case 'host':
      return words;
    case 'netns':
      return `ip netns exec ${shellWord(name.name)} ${words}`;
    case 'container':
      return `${enteringContainer(name.engine, name.name, engineRunning(snapshot, id, name.name)?.client)} ${words}`;
    case 'pid':
      return `nsenter --net --target ${name.pid} ${words}`;
    case 'fd':
      return `nsenter --net=/proc/${name.pid}/fd/${name.descriptor} ${words}`;
  }
}

export const linkEvidence = (snapshot: Snapshot, id: NamespaceId, link: Link): Evidence => ({
  source: readIn(snapshot, id, ['ip', 'address', 'show', 'dev', link.name]),
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
  source: readIn(snapshot, id, ['ip', 'route', 'get', destination]),
  text,
});

export const sysctlEvidence = (key: string, value: string): Evidence => ({
  source: `/proc/sys/${key}`,
  text: value,
});

/** What it takes to list a rule, or its chain's policy. */
type ListedRule = Pick<RuleReference, 'backend' | 'family' | 'table' | 'chain' | 'rule'>;

/** nft(8) reads its arguments as one text in a language of its own: a name that would say more than itself is not said. */
const listed = ({ family, table, chain }: ListedRule): readonly string[] =>
  [table, chain].every(isNftName) ? ['chain', family, table, chain] : ['ruleset'];

/** Those for frames have no `-S`. */
const speaksOfFrames = ({ family }: ListedRule): boolean => family === 'arp' || family === 'bridge';

/** The rule (or policy) that decided, and where it is listed. */
export function ruleEvidence(snapshot: Snapshot, id: NamespaceId, by: ListedRule): Evidence {
  const listing =
    by.backend === 'nft'
      ? ['nft', '-a', 'list', ...listed(by)]
      : [
          iptablesTool(by.backend, by.family),
          '-t',
          by.table,
          ...(speaksOfFrames(by) ? ['-L'] : ['-S']),
          by.chain,
        ];
  return {
    source: readIn(snapshot, id, listing),
    text: by.rule === null ? `policy drop (chain ${by.chain})` : by.rule.text,
  };
}
