import { hasPorts } from '../model/packet.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { factsOf } from './patch.ts';
import type { ChainPlace } from './rule-patch.ts';
import { familyOfSpec, option, protocolWord, type RuleSpec } from './rule-spec.ts';

/**
 * Whether ebtables keeps a table of rules for frames. Its words have to be used then: ebtables-nft can neither list nor save a table any
 * more that has a rule in nft's own. It names its base chains after their hooks, in capitals.
 */
export function isKeptByEbtables(
  snapshot: Snapshot,
  { namespace, backend, family, table }: Omit<ChainPlace, 'chain'>,
): boolean {
  if (family !== 'bridge') return false;
  if (backend !== 'nft') return true;
  const ruleset = factsOf(snapshot, namespace)?.ruleset;
  const tables = ruleset?.state === 'known' ? ruleset.value.tables : [];
  const chains = tables.find((one) => one.family === family && one.name === table)?.chains ?? [];
  const based = chains.filter(({ base }) => base !== undefined);
  return (
    EBTABLES.includes(table) &&
    based.length > 0 &&
    based.every(({ name, base }) => name === base?.hook.toUpperCase())
  );
}

const EBTABLES: readonly string[] = ['filter', 'nat'];

/** The rule in ebtables' words, without the chain. It knows nothing of connections. */
export function ebtablesWords(spec: RuleSpec): readonly string[] {
  const six = familyOfSpec(spec) === 6;
  const [ip, type] = six ? ['ip6', 'IPv6'] : ['ip', 'IPv4'];
  const withPorts = spec.protocol !== null && hasPorts({ protocol: spec.protocol });
  return [
    ...['-p', type],
    ...option(`--${ip}-src`, spec.source),
    ...option(`--${ip}-dst`, spec.destination),
    ...option('-o', spec.outDev),
    ...option(`--${ip}-proto`, protocolWord(spec)),
    ...option('--ip6-icmp-type', spec.icmp6Type ?? null),
    ...(withPorts
      ? [...option(`--${ip}-sport`, spec.sourcePort), ...option(`--${ip}-dport`, spec.destinationPort)]
      : []),
    ...['-j', 'ACCEPT'],
  ];
}
