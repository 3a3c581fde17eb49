import type { NamespaceId } from '../../model/ids.ts';

/** Facts whose elements are found by what they are about, not by their place. */
export const LISTS = ['links', 'routes', 'neighbours', 'fdb'] as const;

/** Facts of which it is known here what walks do with them. */
export const UNDERSTOOD: ReadonlySet<string> = new Set([...LISTS, 'rules', 'sysctls', 'ruleset', 'sockets']);

/** No walk of a matrix looks at these. */
export const UNASKED: ReadonlySet<string> = new Set(['conntrack', 'datagramPorts', 'resolver']);

/** What is only shown. */
export const SHOWN: ReadonlySet<string> = new Set(['text', 'packets', 'handle', 'pid']);

/** Nothing is listed in it. */
export const isBare = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value !== 'object' || value === null || Object.values(value).every(isBare);
};

/** Every text in a value but those that are only shown. */
export function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (Array.isArray(value)) for (const one of value) eachText(one, visit);
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) if (!SHOWN.has(name)) eachText(inner, visit);
}

/** Something outside of an end's namespace that has one of its words. */
export interface Mention {
  readonly namespace: NamespaceId;
  readonly fact: string;
  readonly element: unknown;
}
