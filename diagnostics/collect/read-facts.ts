import type { FoundNamespace } from '../host/machine.ts';
import { denied } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { FactName, NamespaceFacts } from '../model/namespace.ts';
import type { MissingFact } from '../model/snapshot.ts';
import { readConntrack } from './conntrack.ts';
import { readIpFacts } from './ip-facts.ts';
import type { IpFact } from './ip-records.ts';
import { openNames, type NamespaceNames } from './namespace-names.ts';
import { readOffloads } from './offloads.ts';
import { openFarNamespaces, type FarNamespaces } from './netlink/far-namespaces.ts';
import type { ReadContext } from './read-context.ts';
import { readNamespaceResolver } from './resolver.ts';
import { readRuleset } from './ruleset.ts';
import { readSocketPrograms } from './socket-programs.ts';
import { readDatagramPorts, readSockets } from './sockets.ts';
import { readSysctls, readVirtualServices } from './sysctls.ts';
import { readTrafficControl } from './traffic-control.ts';

const IP_FACTS: readonly IpFact[] = ['links', 'routes', 'rules', 'neighbours', 'fdb', 'ipsec'];

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
  const far = openFarNamespaces(context.namespaces);
  try {
    const entries = await Promise.all(
      [...wanted].map(async ([id, facts]) => {
        const found = context.namespaces.find((namespace) => namespace.id === id);
        return [
          id,
          found ? await readNamespace(context, found, facts, names, far) : vanished(facts),
        ] as const;
      }),
    );
    return new Map(entries);
  } finally {
    names.close();
    far.close();
  }
}

async function readNamespace(
  context: ReadContext,
  namespace: FoundNamespace,
  facts: ReadonlySet<FactName>,
  names: NamespaceNames,
  far: FarNamespaces,
): Promise<Partial<NamespaceFacts>> {
  const ip = IP_FACTS.filter((fact) => facts.has(fact));
  const jobs: Promise<Partial<NamespaceFacts>>[] = [];
  if (ip.length > 0) jobs.push(readIpFacts(context, namespace, ip, names, far));
  for (const fact of facts) {
    // They come with the settings, by the same process.
    if (fact === 'virtualServices' && facts.has('sysctls')) continue;
    const job = readOther(context, namespace, fact);
    if (job) jobs.push(job);
  }
  return Object.assign({}, ...(await Promise.all(jobs))) as Partial<NamespaceFacts>;
}

/** Null for the facts that are read together. */
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
    case 'fdb':
    case 'ipsec':
      return null;
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
