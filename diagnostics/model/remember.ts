/** Facts never change: what follows from them is worked out once, and forgotten together with them. */
export function remember<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const seen = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const before = seen.get(key);
    if (before) return before.value;
    const value = work(key);
    seen.set(key, { value });
    return value;
  };
}

/** The things by their keys; those with the same key stay in the order in which they came. */
export function groupBy<K, T>(things: readonly T[], keyOf: (thing: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}
