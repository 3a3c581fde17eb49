import type { FoundNamespace } from '../host/machine.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { ReadContext } from './read-context.ts';

type Reader<T> = (context: ReadContext, namespace: FoundNamespace) => Promise<T>;

/** The same reader, for what several facts come of: once for all that is read of a namespace together. */
export function onceEach<T>(read: Reader<T>): Reader<T> {
  const started = new WeakMap<ReadContext, Map<NamespaceId, Promise<T>>>();
  return (context, namespace) => {
    const own = started.get(context) ?? new Map<NamespaceId, Promise<T>>();
    started.set(context, own);
    const seen = own.get(namespace.id) ?? read(context, namespace);
    own.set(namespace.id, seen);
    return seen;
  };
}
