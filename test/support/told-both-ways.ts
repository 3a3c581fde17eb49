import { isDeepStrictEqual } from 'node:util';
import { recordsOfCommands } from '../../diagnostics/collect/ip-commands.ts';
import { factsOf, type IpFact } from '../../diagnostics/collect/ip-records.ts';
import { openNames } from '../../diagnostics/collect/namespace-names.ts';
import { openFarNamespaces } from '../../diagnostics/collect/netlink/far-namespaces.ts';
import { recordsOfNetlink } from '../../diagnostics/collect/netlink/read.ts';
import type { ReadContext } from '../../diagnostics/collect/read-context.ts';
import { readTableNames } from '../../diagnostics/collect/route-tables.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { FoundNamespace } from '../../diagnostics/host/machine.ts';
import type { NamespaceFacts } from '../../diagnostics/model/namespace.ts';

export const IP_FACTS: readonly IpFact[] = ['links', 'routes', 'rules', 'neighbours', 'fdb', 'ipsec'];

interface Told {
  /** What the reader of netlink left to the commands. */
  readonly declined: readonly IpFact[];
  readonly netlink: Partial<NamespaceFacts>;
}

export interface BothWays extends Told {
  readonly namespace: string;
  readonly commands: Partial<NamespaceFacts>;
}

const MOST_TRIES = 30;

/** The same facts of every namespace, from the kernel's own messages and as ip(8) and bridge(8) print them. */
export async function readBothWays(facts: readonly IpFact[] = IP_FACTS): Promise<readonly BothWays[]> {
  const machine = openMachine();
  const { namespaces, privileged } = await machine.scan();
  const tableNumber = readTableNames();
  const context = { machine, namespaces, tableNumber, discovery: namespaces, signal: undefined };
  const names = openNames(namespaces, privileged);
  const far = openFarNamespaces(namespaces);
  const told = async (namespace: FoundNamespace): Promise<Told> => {
    const records = await recordsOfNetlink(context, namespace, facts, far);
    return {
      declined: facts.filter((fact) => records[fact] === undefined),
      netlink: steady(await factsOf(context, namespace, records)),
    };
  };
  const bothWays = async (namespace: FoundNamespace): Promise<BothWays> => {
    for (let tries = 0; ; tries++) {
      const before = await told(namespace);
      const commands = steady(await byCommands(context, namespace, facts, names));
      const after = await told(namespace);
      // The kernel may still be at work on what was made a moment ago: carriers, addresses of its own.
      if (isDeepStrictEqual(before, after) || tries === MOST_TRIES)
        return {
          namespace: namespace.names.map((name) => ('name' in name ? name.name : name.type)).join(' '),
          ...after,
          commands,
        };
    }
  };
  try {
    const all: BothWays[] = [];
    for (const namespace of namespaces) all.push(await bothWays(namespace));
    return all;
  } finally {
    names.close();
    far.close();
  }
}

const byCommands = async (
  context: ReadContext,
  namespace: FoundNamespace,
  facts: readonly IpFact[],
  names: Parameters<typeof recordsOfCommands>[3],
): Promise<Partial<NamespaceFacts>> =>
  factsOf(context, namespace, await recordsOfCommands(context, namespace, facts, names));

/** A neighbour that was heard of goes from one of these states to another by itself. */
const HEARD = new Set(['reachable', 'stale', 'delay', 'probe']);

const steady = (facts: Partial<NamespaceFacts>): Partial<NamespaceFacts> =>
  facts.neighbours?.state === 'known'
    ? {
        ...facts,
        neighbours: {
          state: 'known',
          value: facts.neighbours.value.map((entry) =>
            HEARD.has(entry.state) ? { ...entry, state: 'reachable' } : entry,
          ),
        },
      }
    : facts;
