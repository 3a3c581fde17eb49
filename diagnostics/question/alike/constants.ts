import { addressBits, familyOf, isAddress, parsePrefix, prefixRange, type Prefix } from '../../model/ip.ts';
import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isBare, SHOWN, UNASKED, UNDERSTOOD } from './facts.ts';

/** What the facts compare addresses, names and ports with, other than for being the same. */
export interface Constants {
  readonly prefixes: readonly Prefix[];
  readonly ranges: readonly { readonly from: string; readonly to: string }[];
  /** `veth` of `veth*`. */
  readonly patterns: readonly string[];
  /** Addresses of IPv6 among which somebody chooses by the bits of whom is spoken to (RFC 6724, section 5, rule 8). */
  readonly sources: readonly (readonly Prefix[])[];
  /** More than one number wide. */
  readonly intervals: readonly (readonly [from: number, to: number])[];
  /** Every number that the facts of a namespace hold. */
  readonly numbers: ReadonlyMap<NamespaceId, ReadonlySet<number>>;
}

/** Prefixes that mean something to the kernel, whether or not the facts hold them. */
const KERNELS = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'],
  ...['fe80::/10', 'fec0::/10', 'ff00::/8', 'fc00::/7', '2002::/16', '2001::/32', '2001:10::/28', '::/96'],
];

/** Null where something reckons with addresses, or is not understood: then no two ends are interchangeable. */
export function readConstants(snapshot: Snapshot): Constants | null {
  const prefixes = new Map<string, Prefix>();
  const ranges = new Map<string, { readonly from: string; readonly to: string }>();
  const patterns = new Set<string>();
  const intervals = new Map<string, readonly [number, number]>();
  const numbers = new Map<NamespaceId, ReadonlySet<number>>();
  let reckons = false;

  const addPrefix = (prefix: Prefix): void => {
    const family = familyOf(prefix.address);
    // A whole address is compared for being the same.
    if (family === null || prefix.length >= addressBits(family)) return;
    const network = prefixRange(prefix)?.from ?? prefix.address;
    prefixes.set(`${network}/${prefix.length}`, { address: network, length: prefix.length });
  };
  const addInterval = (from: unknown, to: unknown): void => {
    if (typeof from === 'number' && typeof to === 'number' && from < to)
      intervals.set(`${from}-${to}`, [from, to]);
  };
  const addObject = (value: Readonly<Record<string, unknown>>): void => {
    const { address, length, from, to, type } = value;
    if (typeof address === 'string' && typeof length === 'number' && isAddress(address))
      addPrefix({ address, length });
    addInterval(from, to);
    if (typeof from === 'string' && typeof to === 'string') {
      ranges.set(`${from}-${to}`, { from, to });
      // Of several addresses to translate to, a hash of the packet's takes one.
      if (type !== 'range' && from !== to) reckons = true;
    }
    if (type === 'netmap' || 'netmap' in value) reckons = true;
  };

  for (const text of KERNELS) {
    const prefix = parsePrefix(text);
    if (prefix) addPrefix(prefix);
  }
  for (const { id, facts } of snapshot.namespaces) {
    const own = new Set<number>();
    numbers.set(id, own);
    const visit = (value: unknown): void => {
      if (typeof value === 'number') own.add(value);
      else if (typeof value === 'string') {
        if (value.endsWith('*')) patterns.add(value.slice(0, -1));
        const prefix = value.includes('/') ? parsePrefix(value) : null;
        if (prefix) addPrefix(prefix);
      } else if (Array.isArray(value)) {
        if (value.length === 2) addInterval(value[0], value[1]);
        value.forEach(visit);
      } else if (typeof value === 'object' && value !== null) {
        addObject(value as Readonly<Record<string, unknown>>);
        for (const [name, inner] of Object.entries(value)) if (!SHOWN.has(name)) visit(inner);
      }
    };
    for (const [name, fact] of Object.entries(facts)) {
      if (UNASKED.has(name) || fact.state !== 'known') continue;
      if (!UNDERSTOOD.has(name) && !isBare(fact.value)) return null;
      if (name !== 'sysctls') visit(fact.value);
    }
  }
  if (reckons) return null;
  return {
    prefixes: [...prefixes.values()],
    ranges: [...ranges.values()],
    patterns: [...patterns],
    sources: snapshot.namespaces
      .map(({ facts }) => sourcesOf(valueOr(facts.links, [])))
      .filter(({ length }) => length > 1),
    intervals: [...intervals.values()],
    numbers,
  };
}

const sourcesOf = (links: readonly Link[]): readonly Prefix[] =>
  links.flatMap(({ addresses }) =>
    addresses.filter(({ family, scope }) => family === 6 && scope === 'global'),
  );
