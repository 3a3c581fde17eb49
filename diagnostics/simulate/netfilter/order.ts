import type { Hook, Ruleset } from '../../model/ruleset.ts';
import { compileRuleset, type CompiledTable } from './compile.ts';
import type { HookInput } from './types.ts';

export interface BaseChain {
  readonly table: CompiledTable;
  readonly name: string;
  readonly type: 'filter' | 'nat' | 'route';
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  readonly empty: boolean;
}

/** Up to this many equals every order is tried, beyond it only the listed one and its reverse. */
const ALL_ORDERS_UP_TO = 3;

/** The base chains that the kernel calls for the packet at this hook, lowest priority first. */
export function baseChains(ruleset: Ruleset, hook: Hook, input: HookInput): readonly BaseChain[] {
  const layer = input.layer ?? 'ip';
  const device = hook === 'egress' ? input.outDev : input.inDev;
  const found: BaseChain[] = [];
  for (const table of compileRuleset(ruleset)) {
    const { family } = table.table;
    const looks =
      layer === 'bridge'
        ? family === 'bridge'
        : layer === 'netdev'
          ? family === 'netdev' || family === 'inet'
          : family === 'inet' || family === (input.packet.family === 4 ? 'ip' : 'ip6');
    if (!looks) continue;
    for (const { name, base, rules } of table.table.chains) {
      if (base?.hook !== hook) continue;
      if (base.devices && (device === null || !base.devices.includes(device))) continue;
      found.push({
        table,
        name,
        type: base.type,
        priority: base.priority,
        policy: base.policy,
        empty: rules.length === 0,
      });
    }
  }
  return found.sort((a, b) => a.priority - b.priority);
}

/** Groups of equal priority, in order. */
export function byPriority<T extends { readonly priority: number }>(
  sorted: readonly T[],
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  for (const item of sorted) {
    const last = groups.at(-1);
    if (last?.[0]?.priority === item.priority) last.push(item);
    else groups.push([item]);
  }
  return groups;
}

/**
 * The orders in which equals may run: the kernel puts the one registered last first (nf_hook_entries_grow()), which a
 * listing does not show. The likeliest comes first: tables are listed as they were made.
 */
export function orders<T>(equals: readonly T[]): readonly (readonly T[])[] {
  const reversed = [...equals].reverse();
  if (equals.length < 2) return [equals];
  if (equals.length > ALL_ORDERS_UP_TO) return [reversed, equals];
  return permutations(reversed);
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}
