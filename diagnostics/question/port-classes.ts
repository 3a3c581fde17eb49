import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { RoutingRule } from '../model/route.ts';
import type { Ruleset } from '../model/ruleset.ts';
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

export function portClasses(snapshot: Snapshot): PortClasses {
  const bounds = new Map<NamespaceId, readonly number[] | null>();
  const keys = new Map<string, string>();
  const keyIn = (id: NamespaceId, protocol: 'tcp' | 'udp', port: number): string => {
    const name = `${protocol} ${port} ${id}`;
    const seen = keys.get(name);
    if (seen !== undefined) return seen;
    let ports = bounds.get(id);
    if (ports === undefined) bounds.set(id, (ports = boundsOf(snapshot, id)));
    const place = ports === null ? port : ports.filter((bound) => bound <= port).length;
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

/** Where a range of ports begins or has ended, as far as any rule says; null: rules look at ports bit by bit. */
function boundsOf(snapshot: Snapshot, id: NamespaceId): readonly number[] | null {
  const facts = findNamespace(snapshot, id)?.facts;
  const ruleset: Ruleset | null = valueOr(facts?.ruleset ?? { state: 'absent' }, null);
  const rules: readonly RoutingRule[] = valueOr(facts?.rules ?? { state: 'absent' }, []);
  const found = new Set<number>();
  if (!ruleset?.tables.every((table) => gather(table, found))) return null;
  gather(
    rules.map(({ sourcePorts, destinationPorts }) => [sourcePorts, destinationPorts]),
    found,
  );
  return [...found].sort((a, b) => a - b);
}

/** More numbers than those of ports cost a walk, and never an answer: all of them count. False where bits are compared. */
function gather(value: unknown, found: Set<number>): boolean {
  if (typeof value === 'number') {
    found.add(value).add(value + 1);
    return true;
  }
  if (Array.isArray(value)) return value.every((one) => gather(one, found));
  if (typeof value !== 'object' || value === null) return true;
  const { fields } = value as { readonly fields?: unknown };
  if (looksAtPorts(fields) && JSON.stringify(value).includes('"bits"')) return false;
  return Object.entries(value).every(([name, one]) => IGNORED.has(name) || gather(one, found));
}

const IGNORED: ReadonlySet<string> = new Set(['number', 'handle', 'packets', 'text', 'priority']);

const looksAtPorts = (fields: unknown): boolean =>
  Array.isArray(fields) &&
  fields.some((field) => ['sport', 'dport', 'ct original dport'].includes(String(field)));
