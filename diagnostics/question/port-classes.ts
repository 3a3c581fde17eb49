import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { RoutingRule } from '../model/route.ts';
import type { Field } from '../model/rule-field.ts';
import type { Value } from '../model/rule-match.ts';
import type { RulePart, Ruleset, Table } from '../model/ruleset.ts';
import type { TrafficControl } from '../model/traffic-control.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';

/**
 * Tells destination ports apart exactly as far as a namespace can: two ports with the same key meet the same rules and the same
 * sockets there. So a walk to one of them that passed these namespaces only is also the walk to the other.
 */
export interface PortClasses {
  key(namespaces: Iterable<NamespaceId>, protocol: 'tcp' | 'udp', port: number): string;
}

/** A relay finds out by the port it listens on where it has to go. */
const RELAY = 'docker-proxy';

/** First and last port, both included. */
type Interval = readonly [from: number, to: number];

/** Reads rules, policy rules, traffic control and sockets for the ports that they speak of, once a namespace. */
export function portClasses(snapshot: Snapshot): PortClasses {
  const told = new Map<NamespaceId, readonly Interval[] | null>();
  const keys = new Map<string, string>();
  const keyIn = (id: NamespaceId, protocol: 'tcp' | 'udp', port: number): string => {
    const name = `${protocol} ${port} ${id}`;
    const seen = keys.get(name);
    if (seen !== undefined) return seen;
    let intervals = told.get(id);
    if (intervals === undefined) told.set(id, (intervals = intervalsOf(snapshot, id)));
    const place = intervals?.flatMap(([from, to], at) => (from <= port && port <= to ? [at] : [])) ?? port;
    const key = JSON.stringify([place, listeners(snapshot, id, protocol, port)]);
    keys.set(name, key);
    return key;
  };
  return {
    key: (namespaces, protocol, port) =>
      [...new Set(namespaces)].map((id) => keyIn(id, protocol, port)).join(' '),
  };
}

function listeners(
  snapshot: Snapshot,
  id: NamespaceId,
  protocol: 'tcp' | 'udp',
  port: number,
): readonly unknown[] {
  const sockets = valueOr(findNamespace(snapshot, id)?.facts.sockets ?? { state: 'absent' }, []);
  return sockets
    .filter((socket) => socket.protocol === protocol && socket.port === port)
    .map(({ process, port: own, ...socket }) => [socket, process?.name === RELAY ? own : null]);
}

/** The intervals by which a namespace tells ports apart; null: its rules look at ports bit by bit. */
function intervalsOf(snapshot: Snapshot, id: NamespaceId): readonly Interval[] | null {
  const facts = findNamespace(snapshot, id)?.facts;
  const ruleset: Ruleset | null = valueOr(facts?.ruleset ?? { state: 'absent' }, null);
  const rules: readonly RoutingRule[] = valueOr(facts?.rules ?? { state: 'absent' }, []);
  const controls = valueOr(facts?.trafficControl ?? { state: 'absent' }, []);
  const ipsec = valueOr(facts?.ipsec ?? { state: 'absent' }, null);
  if (controls.some(looksAtBytes) || ruleset?.tables.some(readsBytes) === true) return null;
  const found = new Map<string, Interval>();
  const add = (interval: Interval): void => void found.set(interval.join('-'), interval);
  for (const { sourcePorts, destinationPorts } of rules)
    for (const ports of [sourcePorts, destinationPorts]) if (ports) add(ports);
  for (const { filters } of controls)
    for (const test of filters?.flatMap(({ tests }) => tests) ?? [])
      if (test.type === 'port') add([test.from, test.to]);
  for (const { sourcePort, destinationPort } of ipsec?.policies ?? [])
    for (const port of [sourcePort, destinationPort]) {
      if (port && port.mask !== 0xffff) return null;
      if (port) add([port.value, port.value]);
    }
  for (const { chains, sets } of ruleset?.tables ?? []) {
    const values = [
      ...chains.flatMap((chain) => chain.rules.flatMap(({ parts }) => parts.flatMap(valuesOf))),
      ...sets.flatMap(({ tuples, exceptions = [], verdicts = [], translations = [] }) => [
        ...tuples.flat(),
        ...exceptions.flat(),
        ...[...verdicts, ...translations].flatMap(({ tuple }) => tuple),
        ...translations.flatMap(({ to }) => portsTo(to)),
      ]),
    ];
    for (const value of values) {
      if (value.type === 'bits') return null;
      if (value.type === 'number') add([value.value, value.value]);
      if (value.type === 'range' && typeof value.from === 'number' && typeof value.to === 'number')
        add([value.from, value.to]);
    }
  }
  return [...found.values()];
}

const looksAtBytes = ({ filters }: TrafficControl): boolean =>
  filters?.some(({ tests }) => tests.some(({ type }) => type === 'bytes')) === true;

/** Rules that read bytes of the packet, among which its ports may be. */
const readsBytes = ({ chains }: Table): boolean =>
  chains.some(({ rules }) =>
    rules.some(({ parts }) =>
      parts.some(
        (part) =>
          part.type === 'u32' ||
          part.type === 'bytecode' ||
          ('fields' in part && part.fields.some((field) => /^(?:[nt]h |bits .*port$)/.test(field))),
      ),
    ),
  );

/** What a part of a rule compares ports with. A translation keeps a port that lies in its range. */
function valuesOf(part: RulePart): readonly Value[] {
  switch (part.type) {
    case 'compare':
      return looksAtPorts(part.fields) && part.values.type === 'inline' ? part.values.tuples.flat() : [];
    case 'verdict-map':
      return looksAtPorts(part.fields) && part.map.type === 'inline'
        ? part.map.entries.flatMap(({ tuple }) => tuple)
        : [];
    case 'translation-map':
      return part.map.type === 'inline'
        ? part.map.entries.flatMap(({ tuple, to }) => [
            ...(looksAtPorts(part.fields) ? tuple : []),
            ...portsTo(to),
          ])
        : [];
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return portsTo(part);
    default:
      return [];
  }
}

const portsTo = ({ ports }: { readonly ports?: Interval }): readonly Value[] =>
  ports ? [{ type: 'range', from: ports[0], to: ports[1] }] : [];

const looksAtPorts = (fields: readonly Field[]): boolean => fields.some((field) => field.endsWith('port'));
