import { remember } from '../../model/remember.ts';
import type { Hook, Ruleset } from '../../model/ruleset.ts';
import { compileRuleset, type CompiledTable } from './compile.ts';
import type { HookInput } from './types.ts';

/** A chain that the kernel calls, with the table whose rules it may jump to. */
export interface BaseChain {
  readonly table: CompiledTable;
  readonly name: string;
  readonly type: 'filter' | 'nat' | 'route';
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  readonly empty: boolean;
  /** The devices it is bound to; absent: every one. */
  readonly devices?: readonly string[];
}

/** As a doubt names it. */
export const chainName = ({ table, name }: BaseChain): string =>
  `${table.table.family} ${table.table.name} ${name}`;

/** Where a chain has to be registered to be called: the hook, whose it is, and the packet's family. */
export interface HookPoint {
  readonly hook: Hook;
  readonly layer: 'ip' | 'bridge' | 'netdev' | 'arp';
  readonly family: 4 | 6;
}

const registered = remember<Ruleset, Map<string, readonly BaseChain[]>>(() => new Map());

/** All base chains of a hook, on whatever device, lowest priority first. */
export function chainsAt(ruleset: Ruleset, at: HookPoint): readonly BaseChain[] {
  const known = registered(ruleset);
  const key = `${at.hook} ${at.layer} ${at.family}`;
  let chains = known.get(key);
  if (!chains) known.set(key, (chains = gather(ruleset, at)));
  return chains;
}

const gather = (ruleset: Ruleset, { hook, layer, family: packetFamily }: HookPoint): readonly BaseChain[] => {
  const found: BaseChain[] = [];
  for (const table of compileRuleset(ruleset)) {
    const { family } = table.table;
    const looks =
      layer === 'bridge' || layer === 'arp'
        ? family === layer
        : layer === 'netdev'
          ? family === 'netdev' || family === 'inet'
          : family === 'inet' || family === (packetFamily === 4 ? 'ip' : 'ip6');
    if (!looks) continue;
    for (const { name, base, rules } of table.table.chains) {
      if (base?.hook !== hook) continue;
      found.push({
        table,
        name,
        type: base.type,
        priority: base.priority,
        policy: base.policy,
        empty: rules.length === 0,
        ...(base.devices ? { devices: base.devices } : {}),
      });
    }
  }
  return found.sort((a, b) => a.priority - b.priority);
};

/** The base chains that the kernel calls for the packet at this hook, lowest priority first. */
export function baseChains(ruleset: Ruleset, hook: Hook, input: HookInput): readonly BaseChain[] {
  const device = hook === 'egress' ? input.outDev : input.inDev;
  const all = chainsAt(ruleset, { hook, layer: input.layer ?? 'ip', family: input.packet.family });
  // nft_do_chain_inet_ingress(): tables of both families look at these alone.
  const seen = input.packet.arp ? all.filter(({ table }) => table.table.family !== 'inet') : all;
  return seen.filter(({ devices }) => !devices || (device !== null && devices.includes(device)));
}

/** A filter that lets everything pass, and says nothing of it. */
export const isIdle = ({ type, empty, policy }: BaseChain): boolean =>
  type !== 'nat' && empty && policy === 'accept';
