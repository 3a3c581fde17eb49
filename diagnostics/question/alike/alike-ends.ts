import { familyOf, prefixContains, rangeContains, type Prefix } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { MatrixEnd, MatrixQuestion } from '../../model/reach-matrix.ts';
import { findNamespace, type Snapshot } from '../../model/snapshot.ts';
import { sharedBits } from '../../simulate/route/source-selection.ts';
import { EPHEMERAL_PORT } from '../../simulate/ip/packets.ts';
import { readConstants, type Constants } from './constants.ts';
import { eachText, LISTS, UNASKED, type Mention } from './facts.ts';
import { isBuiltOn, ownWords, type OwnWords } from './own-words.ts';
import { privatePorts } from './private-ports.ts';
import { signature } from './signature.ts';

/** An end, and what of the facts is its own alone. */
export interface AlikeEnd {
  /**
   * Two ends of one kind can change places in the facts, and nothing else is changed by it: what becomes of a packet between two
   * ends becomes of it between any two of the same kinds, in that order.
   */
  readonly kind: number;
  /** Its own words; as many, in the same order, for all ends of a kind. */
  readonly words: readonly string[];
}

/**
 * Which ends are interchangeable: their own facts are the same but for their own words (addresses, names of wires), and so is what
 * the rest of the network says of them. An end of which that cannot be told (a rule elsewhere names it, it has a device of another
 * kind than a wire, two have the same address) is of a kind of its own. Walks know words only by whether they are the same, and by
 * what prefixes, ranges and patterns they fit (`Constants`); both is part of the comparison.
 */
export function alikeEnds(
  snapshot: Snapshot,
  ends: readonly MatrixEnd[],
  questions: readonly MatrixQuestion[],
): readonly AlikeEnd[] {
  const constants = readConstants(snapshot);
  if (!constants) return ends.map((_, kind) => ({ kind, words: [] }));
  const owned = ends.map(({ namespace }) => ownWords(snapshot, namespace));
  const { owners, alone } = ownersOf(owned);
  owned.forEach((own, at) => {
    if (own?.far.some((far) => isBuiltOn(snapshot, far, own.namespace))) alone.add(at);
  });
  const said = mentions(snapshot, owned, owners, alone);
  const asked = new Set([EPHEMERAL_PORT, ...questions.flatMap(({ port }) => port ?? [])]);
  const kinds = new Map<string, number>();
  return ends.map(({ namespace: id }, at) => {
    const own = owned[at];
    const namespace = findNamespace(snapshot, id);
    const key =
      !own || !namespace || alone.has(at)
        ? id
        : signature({
            snapshot,
            namespace,
            own,
            said: said.get(at) ?? [],
            fits: fitsOf(own, constants),
            ports: privatePorts(namespace, constants, asked),
          });
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    return { kind, words: own?.words ?? [] };
  });
}

/** Whose a word is, by the end's place in the list; ends that have one in common are alone. */
function ownersOf(owned: readonly (OwnWords | null)[]): {
  readonly owners: ReadonlyMap<string, number>;
  readonly alone: Set<number>;
} {
  const owners = new Map<string, number>();
  const alone = new Set<number>();
  owned.forEach((own, at) => {
    for (const word of new Set(own?.words)) {
      const other = owners.get(word);
      if (other === undefined) owners.set(word, at);
      else alone.add(at).add(other);
    }
  });
  return { owners, alone };
}

/** What the rest of the network says of each end; who is named where places in a list matter is alone. */
function mentions(
  snapshot: Snapshot,
  owned: readonly (OwnWords | null)[],
  owners: ReadonlyMap<string, number>,
  alone: Set<number>,
): ReadonlyMap<number, readonly Mention[]> {
  const said = new Map<number, Mention[]>();
  const ofOthers = (namespace: NamespaceId, value: unknown): ReadonlySet<number> => {
    const found = new Set<number>();
    eachText(value, (text) => {
      const owner = owners.get(text);
      if (owner !== undefined && owned[owner]?.namespace !== namespace) found.add(owner);
    });
    return found;
  };
  const note = (namespace: NamespaceId, fact: string, element: unknown): void => {
    for (const owner of ofOthers(namespace, element)) {
      const list = said.get(owner);
      if (list) list.push({ namespace, fact, element });
      else said.set(owner, [{ namespace, fact, element }]);
    }
  };
  for (const { id, facts } of snapshot.namespaces)
    for (const [fact, { state, ...rest }] of Object.entries(facts)) {
      if (UNASKED.has(fact) || state !== 'known') continue;
      const value: unknown = 'value' in rest ? rest.value : null;
      if (LISTS.some((name) => name === fact) && Array.isArray(value))
        for (const one of value) note(id, fact, one);
      else if (fact === 'sysctls')
        for (const [key, setting] of Object.entries(value as Readonly<Record<string, string>>))
          note(id, fact, [...key.split('/'), `= ${setting}`]);
      else for (const owner of ofOthers(id, value)) alone.add(owner);
    }
  return said;
}

/** Which prefixes and ranges its addresses lie in, which of several addresses others would ask them with, and which patterns the names of its wires fit. */
const fitsOf = ({ addresses, far }: OwnWords, { prefixes, ranges, sources, patterns }: Constants): string =>
  [
    ...addresses.flatMap((address) => [
      ...prefixes.map((prefix) => prefixContains(prefix, address)),
      ...ranges.map(({ from, to }) => rangeContains(from, to, address)),
      ...sources.flatMap((those) => ranks(those, address)),
    ]),
    ...far.flatMap(({ link }) => patterns.map((pattern) => link.name.startsWith(pattern))),
  ]
    .map(Number)
    .join(' ');

/** The order in which ipv6_get_saddr_eval() likes them for an address, as far as bits go. */
function ranks(sources: readonly Prefix[], address: string): readonly number[] {
  if (familyOf(address) !== 6) return [];
  const alike = sources.map((source) => Math.min(sharedBits(source.address, address), source.length));
  const steps = [...new Set(alike)].sort((a, b) => a - b);
  return alike.map((bits) => steps.indexOf(bits));
}
