import type { Fact } from '../../diagnostics/model/fact.ts';
import { sameAddress } from '../../diagnostics/model/ip.ts';
import type { Address, Link } from '../../diagnostics/model/link.ts';
import type { Namespace } from '../../diagnostics/model/namespace.ts';
import type { FdbEntry, Neighbour, NextHop, Route } from '../../diagnostics/model/route.ts';
import type { Rule, RulePart, Ruleset } from '../../diagnostics/model/ruleset.ts';
import { findNamespace, type Snapshot } from '../../diagnostics/model/snapshot.ts';
import { filterText, queueText } from '../../diagnostics/model/traffic-control.ts';
import type { FactName } from '../../diagnostics/model/namespace.ts';

/** Facts of a namespace that a fix can touch, without what changes by itself: counters, handles, numbers of interfaces, what is learned. */
export function comparableFacts(
  snapshot: Snapshot,
  { facts }: Namespace,
  { drawn, pending }: Unforetold,
): Readonly<Record<Compared, unknown>> {
  return {
    links: of(facts.links, (links) =>
      links.map((link) => comparableLink(drawn.includes(link.name) ? undrawn(link) : link, links, snapshot)),
    ),
    routes: of(facts.routes, (routes) =>
      routes
        .map(comparableRoute)
        .filter((text) => !drawn.some((dev) => isDrawn(text, dev)) && !pending.some((own) => isOf(text, own)))
        .toSorted(),
    ),
    rules: of(facts.rules, (rules) => rules.map(({ family, text }) => `${family} ${text}`)),
    neighbours: of(facts.neighbours, (entries) => entries.filter(isWritten).map(neighbourText).toSorted()),
    fdb: of(facts.fdb, (entries) =>
      entries
        .filter(({ state }) => state !== 'learned')
        // What stands on an interface makes it hear another address.
        .map((entry) =>
          fdbText(drawn.length > 0 && entry.master === undefined ? { ...entry, mac: '' } : entry),
        )
        .toSorted(),
    ),
    sysctls: of(facts.sysctls, (sysctls) =>
      Object.entries(sysctls)
        .filter(([key]) => !key.endsWith('/nf_conntrack_count'))
        .map(([key, value]) => `${key} = ${value}`)
        .toSorted(),
    ),
    ruleset: of(facts.ruleset, comparableRules),
    ipsec: of(facts.ipsec, ({ policies, states, defaults }) => [
      // Its words are ours on paper, and the tool's afterwards; what they say has fields of its own.
      ...policies.map((policy) => ({ ...policy, selector: undefined, settings: undefined })),
      ...(states ?? []),
      defaults,
    ]),
    trafficControl: of(facts.trafficControl, (devices) =>
      devices
        .flatMap(({ dev, queues, filters }) => [
          ...queues.map((queue) => `${dev} ${undrawnHandle(queueText(queue))}`),
          ...(filters ?? []).map((filter) => `${dev} ${filterText(filter)}`),
        ])
        .toSorted(),
    ),
    resolver: of(facts.resolver, ({ hosts, ...files }) => ({
      ...files,
      hosts: hosts.map(({ address, names }) => [address, ...names].join(' ')),
      files: undefined,
    })),
  };
}

/** What cannot be foretold. */
export interface Unforetold {
  /** Interfaces whose hardware address the kernel draws. */
  readonly drawn: readonly string[];
  /** Addresses that were still being tried: their route comes with the end of that. */
  readonly pending: readonly string[];
}

/** Sockets and connections come and go with the programs that have them.  */
export type Compared = Exclude<
  FactName,
  | 'sockets'
  | 'conntrack'
  | 'datagramPorts'
  | 'virtualServices'
  | 'socketPrograms'
  // What one offload is for, others hang on.
  | 'offloads'
>;

const of = <T, R>(fact: Fact<T>, change: (value: T) => R): R | string =>
  fact.state === 'known' ? change(fact.value) : fact.state;

/** The kernel draws the handle of a queue that was given none, from 8000: on. */
const undrawnHandle = (text: string): string => text.replace(/ [89a-f][0-9a-f]{3}: /, ' ');

/** Of an interface whose hardware address the kernel draws: without it, and without the IPv6 address that is made of it. */
const undrawn = (link: Link): Link => ({
  ...link,
  mac: null,
  addresses: link.addresses.filter(({ address }) => !address.startsWith('fe80')),
});

const isDrawn = (route: string, dev: string): boolean =>
  route.includes('local fe80') && route.includes(` ${dev} `);

const isOf = (route: string, address: string): boolean => route.includes(` local ${address}/128`);

const WORDS = ['UP', 'LOWER_UP', 'NOARP'];

function comparableLink(link: Link, links: readonly Link[], snapshot: Snapshot): unknown {
  const { master, peer, flags, addresses, vlans, ...rest } = link;
  const far = peer && findNamespace(snapshot, peer.namespace ?? '')?.facts.links;
  return {
    ...rest,
    index: undefined,
    // Which number a port gets is the daemon's choice.
    ovs: rest.ovs && { ...rest.ovs, number: undefined },
    kind: 'sources' in rest.kind ? { ...rest.kind, sources: rest.kind.sources?.toSorted() } : rest.kind,
    flags: flags.filter((flag) => WORDS.includes(flag)).toSorted(),
    master: links.find(({ index }) => index === master)?.name,
    peer:
      far?.state === 'known' ? far.value.find(({ index }) => index === peer?.index)?.name : peer?.namespace,
    vlans: vlans?.map((vlan) => JSON.stringify(vlan)).toSorted(),
    addresses: addresses.map(addressText).toSorted(),
  };
}

/** An address that is still being tried is one that will be there in a moment. */
const addressText = ({ address, length, scope, peer, broadcast, flags }: Address): string =>
  [
    `${address}/${length} ${scope}`,
    ...(peer === undefined ? [] : [`peer ${peer}`]),
    ...(broadcast === undefined ? [] : [`brd ${broadcast}`]),
    ...flags.filter((flag) => flag === 'secondary' || flag === 'noprefixroute'),
  ].join(' ');

const hopText = ({ via, dev, weight, flags }: NextHop): string =>
  [via ?? '-', dev ?? '-', weight, ...flags.toSorted()].join(' ');

function comparableRoute(route: Route): string {
  const { family, table, type, destination, nextHops, metric, preferredSource, protocol, tos } = route;
  return [
    `${family} table ${table} ${type} ${destination.address}/${destination.length}`,
    ...nextHops.map(hopText),
    ...(route.from === undefined ? [] : [`from ${route.from.address}/${route.from.length}`]),
    `metric ${metric} proto ${protocol} tos ${tos}`,
    ...(preferredSource === undefined ? [] : [`src ${preferredSource}`]),
    ...(route.mtu === undefined ? [] : [`mtu ${route.mtu}`]),
    ...(route.advertisedMss === undefined ? [] : [`advmss ${route.advertisedMss}`]),
    ...(route.hopLimit === undefined ? [] : [`hoplimit ${route.hopLimit}`]),
    // IPv6 has no scopes of routes.
    ...(family === 4 ? [`scope ${route.scope}`] : []),
  ].join(', ');
}

const isWritten = ({ state, address, proxy }: Neighbour): boolean =>
  proxy || (state === 'permanent' && !address.startsWith('ff'));

const neighbourText = ({ address, dev, mac, proxy }: Neighbour): string =>
  `${address} ${dev} ${mac ?? '-'}${proxy ? ' proxy' : ''}`;

const fdbText = (entry: FdbEntry): string => JSON.stringify(Object.entries(entry).toSorted());

const comparableRules = ({ tables, unknowns }: Ruleset): unknown => ({
  unknowns,
  tables: tables
    .map(({ backend, family, name, chains, sets }) => ({
      table: `${backend} ${family} ${name}`,
      sets,
      // iptables makes a table's other chains with the first one that is used.
      chains: chains
        .filter(({ base, rules }) => rules.length > 0 || base?.policy === 'drop')
        .map(({ name: chain, base, rules }) => ({ chain, base, rules: rules.map(comparableRule) })),
    }))
    .filter(({ chains, sets }) => chains.length > 0 || sets.length > 0)
    .toSorted((a, b) => a.table.localeCompare(b.table)),
});

/** A listing adds what goes without saying (the family of addresses, a protocol, a counter), and has an order of its own. */
const comparableRule = ({ number, parts }: Rule): unknown => [
  number,
  ...parts
    .filter((part) => part.type !== 'none' && !isImplied(part))
    .map((part) => JSON.stringify(Object.entries({ ...withoutAny(part), family: undefined }).toSorted()))
    .toSorted(),
];

/** A field that may have any value says nothing (iptables' ICMP type without a code). */
function withoutAny(part: RulePart): RulePart {
  if (part.type !== 'compare' || part.values.type !== 'inline') return part;
  const { tuples } = part.values;
  const says = part.fields.map((_field, at) => tuples.some((tuple) => tuple[at]?.type !== 'any'));
  if (!says.includes(true)) return part;
  const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_one, at) => says[at]);
  return { ...part, fields: kept(part.fields), values: { type: 'inline', tuples: tuples.map(kept) } };
}

const isImplied = (part: RulePart): boolean =>
  part.type === 'compare' && (part.fields[0] === 'nfproto' || part.fields[0] === 'l4proto');

/**
 * What was learned cannot be foretold, but must not contradict: an entry that stays on paper says what the kernel's says, where it
 * still has one; and what goes on paper is gone, or was learned anew with another content.
 */
export function contradictions(paper: Namespace, real: Namespace): readonly string[] {
  const found: string[] = [];
  const compare = <T>(
    name: 'neighbours' | 'fdb',
    same: (a: T, b: T) => boolean,
    text: (entry: T) => string,
    isLearned: (entry: T) => boolean,
  ): void => {
    const [foretold, now] = [paper.facts[name], real.facts[name]];
    if (foretold.state !== 'known' || now.state !== 'known') return;
    const entries = now.value as unknown as readonly T[];
    for (const entry of (foretold.value as unknown as readonly T[]).filter(isLearned)) {
      const other = entries.find((it) => same(it, entry));
      if (other && isLearned(other) && text(other) !== text(entry))
        found.push(`${name}: on paper ${text(entry)}, really ${text(other)}`);
    }
  };
  compare<Neighbour>(
    'neighbours',
    (a, b) => a.dev === b.dev && sameAddress(a.address, b.address),
    neighbourText,
    ({ state, mac }) => mac !== undefined && state !== 'permanent' && state !== 'failed',
  );
  compare<FdbEntry>(
    'fdb',
    (a, b) => a.mac === b.mac && a.master === b.master && a.vlan === b.vlan,
    fdbText,
    ({ state }) => state === 'learned',
  );
  return found;
}
