import type { Namespace } from '../../model/namespace.ts';
import type { Constants } from './constants.ts';
import { SHOWN } from './facts.ts';

/** Members that hold a port, and nothing else that is reckoned with. */
const PLACES: ReadonlySet<string> = new Set(['port', 'value', 'ports']);

/**
 * Ports that only this namespace knows, and only by their number (those of Docker's own name server, which it draws for each
 * container): by the order in which they come. Nobody asks for them, and no other number means the same.
 */
export function privatePorts(
  { id, facts }: Namespace,
  { numbers, intervals }: Constants,
  asked: ReadonlySet<number>,
): ReadonlyMap<number, number> {
  const listened = facts.sockets.state === 'known' ? facts.sockets.value.map(({ port }) => port) : [];
  const candidates = new Set(
    listened.filter(
      (port) => !asked.has(port) && !intervals.some(([from, to]) => from <= port && port <= to),
    ),
  );
  for (const [other, held] of numbers)
    if (other !== id) for (const port of candidates) if (held.has(port)) candidates.delete(port);
  if (candidates.size === 0) return new Map();
  const found = new Set<number>();
  const visit = (value: unknown, place: string): void => {
    if (typeof value === 'number') {
      if (PLACES.has(place)) found.add(value);
      else candidates.delete(value);
    } else if (Array.isArray(value)) for (const one of value) visit(one, place);
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) if (!SHOWN.has(name)) visit(inner, name);
  };
  // Rules have an order; what listens is listed as it comes.
  visit(facts.ruleset, '');
  visit(facts.sockets, '');
  visit([facts.links, facts.routes, facts.rules], '');
  return new Map([...found].filter((port) => candidates.has(port)).map((port, at) => [port, at]));
}
