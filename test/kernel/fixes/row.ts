import type { FixAction } from '../../../diagnostics/fixes/registry.ts';
import { valueOr } from '../../../diagnostics/model/fact.ts';
import type { NamespaceId } from '../../../diagnostics/model/ids.ts';
import { namespaceLabel, type NamespaceFacts } from '../../../diagnostics/model/namespace.ts';
import type { Route, RoutingRule } from '../../../diagnostics/model/route.ts';
import type { Rule } from '../../../diagnostics/model/ruleset.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import type { TestNetwork } from '../../support/network.ts';

/** A network, and actions on it. */
export interface Row {
  readonly make: (net: TestNetwork) => Promise<void>;
  readonly actions: (facts: Facts) => readonly FixAction[];
  /** Interfaces whose hardware address the kernel draws. */
  readonly drawn?: readonly string[];
}

/** What was read of the network, by labels. */
export interface Facts {
  id(label: string): NamespaceId;
  route(label: string, text: string): Route;
  policyRule(label: string, text: string): RoutingRule;
  rule(label: string, chain: string, text: string): Rule;
}

export const factsOf = (snapshot: Snapshot): Facts => {
  const namespaceOf = (label: string): { readonly id: NamespaceId; readonly facts: NamespaceFacts } => {
    const found = snapshot.namespaces.find((one) => namespaceLabel(one) === label);
    if (!found) throw new Error(`no ${label}`);
    return found;
  };
  const one = <T extends { readonly text: string }>(list: readonly T[], text: string): T => {
    const found = list.find((it) => it.text.includes(text));
    if (!found) throw new Error(`no “${text}” among:\n${list.map((it) => it.text).join('\n')}`);
    return found;
  };
  return {
    id: (label) => namespaceOf(label).id,
    route: (label, text) => one(valueOr(namespaceOf(label).facts.routes, []), text),
    policyRule: (label, text) => one(valueOr(namespaceOf(label).facts.rules, []), text),
    rule: (label, chain, text) =>
      one(
        valueOr(namespaceOf(label).facts.ruleset, { tables: [], unknowns: [] }).tables.flatMap(({ chains }) =>
          chains.filter(({ name }) => name === chain).flatMap(({ rules }) => rules),
        ),
        text,
      ),
  };
};

export type Kind = FixAction['kind'];

/** Of one kind of action; a string says why there is nothing to run here. */
export type RowsOf = string | Readonly<Record<string, Row>>;

/** Two networks of both families, and a router between them. */
export const six = async (net: TestNetwork): Promise<void> => {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24 fd00:1::2/64', 'router/ra 10.0.1.1/24 fd00:1::1/64');
  await net.wire('blue/eth0 10.0.2.2/24 fd00:2::2/64', 'router/rb 10.0.2.1/24 fd00:2::1/64');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('red', 'ip -6 route add default via fd00:1::1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('blue', 'ip -6 route add default via fd00:2::1');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
};

/** A network, and what is done in it then. */
export const furthermore =
  (make: Row['make'], ...commands: readonly (readonly [string, string])[]): Row['make'] =>
  async (net) => {
    await make(net);
    for (const [where, command] of commands) await net.run(where, command);
  };

/** A hardware address of nobody's. */
export const MAC = '02:00:00:00:00:77';

/** A container by macvlan on a node’s interface, and another machine on that wire. */
export const macvlans: Row['make'] = async (net) => {
  await net.namespaces('node', 'far', 'c0');
  await net.wire('node/eth0 10.0.0.1/24', 'far/eth0 10.0.0.2/24');
  await net.run('node', 'ip link add link eth0 name mv0 netns c0 type macvlan mode vepa');
  await net.run('c0', 'ip address add 10.0.0.10/24 dev mv0');
  await net.run('c0', 'ip link set mv0 up');
};
