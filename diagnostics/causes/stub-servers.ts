import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { ResolverFiles } from '../model/resolver.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import { ENGINE_DNS } from '../model/engines.ts';

/** A server that only its own machine can ask, and that no engine puts into its containers: a resolver on the host, most often. */
export const isStub = (server: string): boolean =>
  (server.startsWith('127.') && server !== ENGINE_DNS) || server === '::1';

/** The servers that the host itself asks in the end: those behind its stub, or in its own resolv.conf. */
export function serversOfHost(snapshot: Snapshot, id: NamespaceId): readonly string[] {
  const host = findHost(snapshot, findNamespace(snapshot, id)?.host ?? '');
  const fact = findNamespace(snapshot, host?.rootNamespace ?? '')?.facts.resolver;
  const files: ResolverFiles | null = fact ? valueOr(fact, null) : null;
  return [...(files?.upstream ?? []), ...(files?.nameservers ?? [])].filter((server) => !isStub(server));
}
