import type { FoundNamespace } from '../host/machine.ts';
import { known, type Fact } from '../model/fact.ts';
import type { Ipsec } from '../model/ipsec.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { withGroups } from './bridge-groups.ts';
import { withVlans } from './bridge-vlans.ts';
import type { JsonObject } from '../host/external-json.ts';
import { parseLinks, type ResolveNamespaceId } from './links.ts';
import { parseFdb, parseNeighbours } from './neighbours.ts';
import { withOpenvswitch } from './openvswitch/read.ts';
import type { ReadContext } from './read-context.ts';
import { parseRoutes, withExceptions } from './routes.ts';
import { parseRules } from './rules.ts';
import { withWireguard } from './wireguard.ts';

/** The facts that ip(8) and bridge(8) tell, and rtnetlink(7) tells them. */
export type IpFact = 'links' | 'routes' | 'rules' | 'neighbours' | 'fdb' | 'ipsec';

type Records = readonly JsonObject[];

/**
 * What was read for each fact, before it is understood: records as the tools print them, whether a tool printed them or they
 * were made of the kernel's own messages (see netlink/).
 */
export interface IpRecords {
  /** `ip -d -j address show`. */
  readonly links: { readonly records: Records; readonly resolve: ResolveNamespaceId };
  /** `ip -d -j route show table all`, and the same of the `cache`. */
  readonly routes: { readonly records: Records; readonly learnt: Records };
  /** `ip -d -j rule show` of each family. */
  readonly rules: { readonly four: Records; readonly six: Records };
  /** `ip -j neigh show nud all`, and then `… proxy`. */
  readonly neighbours: Records;
  /** `bridge -j fdb show`. */
  readonly fdb: Records;
  readonly ipsec: Fact<Ipsec>;
}

/** Records as iproute2 prints them, of those facts that were asked for. */
export type ReadRecords = { readonly [K in IpFact]?: Fact<IpRecords[K]> };

/** The facts that follow from the records, with what other tools tell of the interfaces among them. */
export async function factsOf(
  context: ReadContext,
  namespace: FoundNamespace,
  { links, routes, rules, neighbours, fdb, ipsec }: ReadRecords,
): Promise<Partial<NamespaceFacts>> {
  const { tableNumber } = context;
  return {
    ...(links && {
      links: await completed(
        context,
        namespace,
        map(links, ({ records, resolve }) => parseLinks(records, namespace.id, resolve)),
      ),
    }),
    ...(routes && {
      routes: map(routes, ({ records, learnt }) =>
        withExceptions(parseRoutes(records, tableNumber), learnt, tableNumber),
      ),
    }),
    ...(rules && {
      rules: map(rules, ({ four, six }) => [
        ...parseRules(four, 4, tableNumber),
        ...parseRules(six, 6, tableNumber),
      ]),
    }),
    ...(neighbours && { neighbours: map(neighbours, parseNeighbours) }),
    ...(fdb && { fdb: map(fdb, parseFdb) }),
    ...(ipsec && { ipsec: ipsec.state === 'known' ? ipsec.value : ipsec }),
  };
}

const completed = async (
  context: ReadContext,
  namespace: FoundNamespace,
  links: NamespaceFacts['links'],
): Promise<NamespaceFacts['links']> =>
  withOpenvswitch(
    context,
    namespace,
    await withWireguard(
      context,
      namespace,
      await withGroups(context, namespace, await withVlans(context, namespace, links)),
    ),
  );

/** The same of what was read; what was not stays so. */
export const map = <T, R>(fact: Fact<T>, change: (value: T) => R): Fact<R> =>
  fact.state === 'known' ? known(change(fact.value)) : fact;
