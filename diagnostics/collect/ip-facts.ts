import type { FoundNamespace } from '../host/machine.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { recordsOfCommands } from './ip-commands.ts';
import { factsOf, type IpFact } from './ip-records.ts';
import type { NamespaceNames } from './namespace-names.ts';
import type { FarNamespaces } from './netlink/far-namespaces.ts';
import { recordsOfNetlink } from './netlink/read.ts';
import type { ReadContext } from './read-context.ts';

/** Reads these facts of a namespace: from the kernel itself as far as that can be understood here, and else by ip(8) and bridge(8). */
export async function readIpFacts(
  context: ReadContext,
  namespace: FoundNamespace,
  facts: readonly IpFact[],
  names: NamespaceNames,
  far: FarNamespaces,
): Promise<Partial<NamespaceFacts>> {
  const told = await recordsOfNetlink(context, namespace, facts, far);
  const rest = facts.filter((fact) => told[fact] === undefined);
  const asked = rest.length === 0 ? {} : await recordsOfCommands(context, namespace, rest, names);
  return factsOf(context, namespace, { ...told, ...asked });
}
