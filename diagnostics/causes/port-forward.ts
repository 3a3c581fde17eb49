import { valueOr } from '../model/fact.ts';
import { addressAndPort, familyOf, sameAddress } from '../model/ip.ts';
import type { Field } from '../model/rule-field.ts';
import type { Value } from '../model/rule-match.ts';
import type { Chain, Hook, Rule, RulePart, Table } from '../model/ruleset.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { protocolNumber } from '../simulate/ip/packets.ts';
import { isLoopback, type Refusal } from './listeners.ts';
import { factsIn } from './situation.ts';

/** A rule that sends a port of a machine on to somewhere else. */
export interface PortForward {
  readonly table: Table;
  readonly chain: Chain;
  readonly rule: Rule;
  readonly address: string;
  readonly port: number;
}

/** The rule that sends this port on, whomever else it asks for; null where none does. */
export function portForward(snapshot: Snapshot, refusal: Refusal): PortForward | null {
  const tables = valueOr(factsIn(snapshot, refusal.namespace)?.ruleset ?? { state: 'absent' }, null)?.tables;
  for (const table of tables ?? [])
    for (const chain of table.chains)
      for (const rule of chain.rules) {
        const target = targetOf(rule, refusal);
        if (target && speaksOfPort(rule, refusal)) return { table, chain, rule, ...target };
      }
  return null;
}

/** The chain of the same table that is asked where such packets come in (or leave who sends them). */
export const chainAt = ({ table }: PortForward, hook: Hook): Chain | null =>
  table.chains.find(({ base }) => base?.type === 'nat' && base.hook === hook) ?? null;

export const targetText = ({ address, port }: PortForward): string => addressAndPort(address, port);

function targetOf({ parts }: Rule, refusal: Refusal): Pick<PortForward, 'address' | 'port'> | null {
  const to = parts.find((part) => part.type === 'dnat');
  if (to?.type !== 'dnat' || !to.address || !sameAddress(to.address.from, to.address.to)) return null;
  const { from: address } = to.address;
  if (familyOf(address) !== familyOf(refusal.address)) return null;
  // An engine's name server in a container: the rule is for the loopback address, and leads nowhere else.
  if (isLoopback({ address })) return null;
  if (to.ports && to.ports[0] !== to.ports[1]) return null;
  return { address, port: to.ports?.[0] ?? refusal.port };
}

/** It names the port, and no other protocol. */
function speaksOfPort({ parts }: Rule, { protocol, port, address }: Refusal): boolean {
  const number = protocolNumber(protocol, familyOf(address) ?? 4);
  return compares(parts, 'dport', port) === true && compares(parts, 'l4proto', number) !== false;
}

/** Whether a rule that compares this field with numbers would meet this one; null: it does not look at it. */
function compares(parts: readonly RulePart[], field: Field, number: number): boolean | null {
  const match = parts.find(
    (part) => part.type === 'compare' && part.fields.length === 1 && part.fields[0] === field,
  );
  if (match?.type !== 'compare' || match.values.type !== 'inline') return null;
  return match.values.tuples.some(([value]) => value !== undefined && holds(value, number)) !== match.negate;
}

const holds = (value: Value, number: number): boolean =>
  (value.type === 'number' && value.value === number) ||
  (value.type === 'range' && Number(value.from) <= number && number <= Number(value.to));
