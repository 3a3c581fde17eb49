import type { FoundNamespace } from '../host/machine.ts';
import { denied } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { FactName, NamespaceFacts } from '../model/namespace.ts';
import type { MissingFact } from '../model/snapshot.ts';
import { readConntrack } from './conntrack.ts';
import { readFdb, readIpFacts, type IpFact } from './ip-facts.ts';
import { openNames, type NamespaceNames } from './namespace-names.ts';
import { readOffloads } from './offloads.ts';
import type { ReadContext } from './read-context.ts';
import { readNamespaceResolver } from './resolver.ts';
import { readRuleset } from './ruleset.ts';
import { readSocketPrograms } from './socket-programs.ts';
import { readDatagramPorts, readSockets } from './sockets.ts';
import { readSysctls, readVirtualServices } from './sysctls.ts';
import { readTrafficControl } from './traffic-control.ts';

const IP_FACTS: readonly IpFact[] = ['links', 'routes', 'rules', 'neighbours', 'ipsec'];

/** Reads these facts, all namespaces at once, each by as few processes as possible. */
export async function readFacts(
  context: ReadContext,
  privileged: boolean,
  missing: readonly MissingFact[],
): Promise<ReadonlyMap<NamespaceId, Partial<NamespaceFacts>>> {
  const wanted = new Map<NamespaceId, Set<FactName>>();
  for (const { namespace, fact } of missing)
    wanted.set(namespace, (wanted.get(namespace) ?? new Set<FactName>()).add(fact));
  const names = openNames(context.namespaces, privileged && missing.some(({ fact }) => fact === 'links'));
  try {
    const entries = await Promise.all(
      [...wanted].map(async ([id, facts]) => {
        const found = context.namespaces.find((namespace) => namespace.id === id);
        return [id, found ? await readNamespace(context, found, facts, names) : vanished(facts)] as const;
      }),
    );
    return new Map(entries);
  } finally {
    names.close();
  }
}

async function readNamespace(
  context: ReadContext,
  namespace: FoundNamespace,
  facts: ReadonlySet<FactName>,
  names: NamespaceNames,
): Promise<Partial<NamespaceFacts>> {
  const ip = IP_FACTS.filter((fact) => facts.has(fact));
  const jobs: Promise<Partial<NamespaceFacts>>[] = [];
  if (ip.length > 0) jobs.push(readIpFacts(context, namespace, ip, names));
  for (const fact of facts) {
    // They come with the settings, by the same process.
    if (fact === 'virtualServices' && facts.has('sysctls')) continue;
    const job = readOther(context, namespace, fact);
    if (job) jobs.push(job);
  }
  return Object.assign({}, ...(await Promise.all(jobs))) as Partial<NamespaceFacts>;
}

/** Null for the facts that ip(8) gives together. */
function readOther(
  context: ReadContext,
  namespace: FoundNamespace,
  fact: FactName,
): Promise<Partial<NamespaceFacts>> | null {
  switch (fact) {
    case 'links':
    case 'routes':
    case 'rules':
    case 'neighbours':
    case 'ipsec':
      return null;
    case 'fdb':
      return readFdb(context, namespace);
    case 'sysctls':
      return readSysctls(context, namespace);
    case 'sockets':
      return readSockets(context, namespace);
    case 'conntrack':
      return readConntrack(context, namespace);
    case 'datagramPorts':
      return readDatagramPorts(context, namespace);
    case 'ruleset':
      return readRuleset(context, namespace);
    case 'trafficControl':
      return readTrafficControl(context, namespace);
    case 'virtualServices':
      return readVirtualServices(context, namespace);
    case 'socketPrograms':
      return readSocketPrograms(context, namespace);
    case 'offloads':
      return readOffloads(context, namespace);
    case 'resolver':
      return readNamespaceResolver(context, namespace);
  }
}

function vanished(facts: ReadonlySet<FactName>): Partial<NamespaceFacts> {
  const reason = denied('The network namespace is gone.');
  return Object.fromEntries([...facts].map((fact) => [fact, reason]));
}
