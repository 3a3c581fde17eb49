import { prefixContains } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { Neighbour, Route } from '../../model/route.ts';
import type { Namespace } from '../../model/namespace.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { linksOf } from '../../simulate/link/wires.ts';
import { SHOWN, UNASKED, type Mention } from './facts.ts';
import type { OwnWords } from './own-words.ts';

export interface Signed {
  readonly snapshot: Snapshot;
  readonly namespace: Namespace;
  readonly own: OwnWords;
  readonly said: readonly Mention[];
  readonly fits: string;
  /** Ports that stand for themselves alone, and their numbers among these. */
  readonly ports: ReadonlyMap<number, number>;
}

/** Neighbours in these states are sent to alike (NUD_VALID), by whoever has no tunnel that answers from its table. */
const VALID: ReadonlySet<unknown> = new Set(['reachable', 'stale', 'delay', 'probe']);

const COUNT = 'net/netfilter/nf_conntrack_count';
const LIMIT = 'net/netfilter/nf_conntrack_max';

/** All facts of an end, and all that others say of it, with numbers in the place of its own words. */
export function signature({ snapshot, namespace, own, said, fits, ports }: Signed): string {
  const words = new Map(own.words.map((word, at) => [word, `own ${at}`]));
  const names = new Map((linksOf(snapshot, own.namespace) ?? []).map(({ index, name }) => [index, name]));
  const answers = snapshot.namespaces.some(({ id }) =>
    (linksOf(snapshot, id) ?? []).some(({ kind }) => kind.type === 'vxlan'),
  );
  const written = (value: unknown): string =>
    JSON.stringify(value, (name, inner: unknown) => {
      if (SHOWN.has(name)) return undefined;
      if (typeof inner === 'string') {
        if (name === 'state' && !answers && VALID.has(inner)) return 'valid';
        return words.get(inner) ?? inner;
      }
      if (typeof inner === 'number') return ports.has(inner) ? `port ${ports.get(inner)}` : inner;
      return inner;
    });

  /** Interfaces are numbered as they were made: here they are known by their names. */
  const links = namespace.facts.links.state === 'known' ? namespace.facts.links.value : [];
  const renumbered = links.map((link) => ({
    ...link,
    index: null,
    master: link.master === undefined ? null : names.get(link.master),
    peer: link.peer ? { namespace: link.peer.namespace, index: null } : null,
  }));
  const { sysctls, sockets, routes, neighbours, ...others } = namespace.facts;
  const settings = sysctls.state === 'known' ? { ...sysctls.value } : sysctls;
  if (COUNT in settings && LIMIT in settings && sysctls.state === 'known') {
    const [count, limit] = [Number(sysctls.value[COUNT]), Number(sysctls.value[LIMIT])];
    Object.assign(settings, { [COUNT]: String(limit > 0 && count >= limit) });
  }
  const listening = sockets.state === 'known' ? sockets.value.map(written).sort() : sockets;
  const ways = routes.state === 'known' ? ranked(routes.value).map(written).sort() : routes;
  const known =
    neighbours.state === 'known' ? neighbours.value.filter(isOfOne).map(written).sort() : neighbours;
  const rest = Object.entries(others).filter(([name]) => name !== 'links' && !UNASKED.has(name));
  const outside = said
    .filter(({ fact, element }) => fact !== 'neighbours' || isOfOne(element as Neighbour))
    .map(({ namespace: where, fact, element }) => {
      const isFar =
        fact === 'links' && own.far.some((far) => far.namespace === where && far.link === element);
      return written([where, fact, isFar ? farEnd(element as Link, names) : element]);
    });
  return JSON.stringify([
    written(renumbered),
    written(settings),
    listening,
    ways,
    known,
    written(rest),
    outside.sort(),
    fits,
  ]);
}

/** Routes are found by their prefix; only of those with the same does it matter which comes first. */
const ranked = (routes: readonly Route[]): readonly (readonly [number, Route])[] => {
  const seen = new Map<string, number>();
  return routes.map((route) => {
    const { family, table, destination, tos, metric } = route;
    const key = JSON.stringify([family, table, destination, tos, metric]);
    const rank = seen.get(key) ?? 0;
    seen.set(key, rank + 1);
    return [rank, route];
  });
};

const GROUPS = [
  { address: '224.0.0.0', length: 4 },
  { address: 'ff00::', length: 8 },
];

/** Not of a multicast group, to which no packet of a matrix goes. */
const isOfOne = ({ address }: Neighbour): boolean => !GROUPS.some((group) => prefixContains(group, address));

const farEnd = (link: Link, names: ReadonlyMap<number, string>): unknown => ({
  ...link,
  index: null,
  peer: link.peer && { namespace: link.peer.namespace, index: names.get(link.peer.index) },
});
