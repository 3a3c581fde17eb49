import type { NumberMapEntry } from '../model/rule-map.ts';
import type { RulePart } from '../model/ruleset.ts';
import { lookedUpBy, setName, type IpSet } from './ipset.ts';
import type { Extension } from './iptables/options.ts';

/**
 * `-j SET --add-set NAME src`; a list of sets holds what any of its members does. set_target_v3(): what a set gives is asked for
 * last.
 */
export function readSetTarget(target: Extension, ipsets: ReadonlyMap<string, IpSet>): readonly RulePart[] {
  const fills = target.options.flatMap(({ name: option, values: [name = '', flags = ''] }) =>
    option === '--add-set' || option === '--del-set' ? filled(option, name, flags, ipsets) : [],
  );
  return [...fills, ...given(target, ipsets)];
}

function filled(
  option: '--add-set' | '--del-set',
  name: string,
  flags: string,
  ipsets: ReadonlyMap<string, IpSet>,
): readonly RulePart[] {
  const ipset = ipsets.get(name);
  const fields = ipset?.exact && !ipset.full ? lookedUpBy(ipset, flags) : null;
  const known = fields && ({ change: option === '--add-set' ? 'add' : 'delete', fields } as const);
  // list_set_kadd(): the first of them that takes it.
  return [name, ...(ipset?.members ?? [])].map((one) => ({ type: 'fill', set: setName(one), ...known }));
}

/** `--map-set NAME src --map-mark --map-prio`: the element's own mark and class become the packet's. Its queue changes nothing here. */
function given({ options, text }: Extension, ipsets: ReadonlyMap<string, IpSet>): readonly RulePart[] {
  const [name = '', flags = ''] = options.find((option) => option.name === '--map-set')?.values ?? [];
  const asked = (word: string): boolean => options.some((option) => option.name === word);
  if (!asked('--map-mark') && !asked('--map-prio')) return [];
  const ipset = ipsets.get(name);
  const fields =
    ipset && !ipset.changing && !ipset.members && !ipset.set.exceptions?.length
      ? lookedUpBy(ipset, flags)
      : null;
  if (!ipset || !fields) return [{ type: 'unmodelled', text, decides: false }];
  const map = (target: 'mark' | 'priority', entries: readonly NumberMapEntry[]): RulePart => ({
    type: 'mark-map',
    target,
    fields,
    map: { type: 'inline', entries },
  });
  const marks = ipset.gives.map(({ tuple, mark }) => ({ tuple, ...mark }));
  const priorities = ipset.gives.map(({ tuple, priority }) => ({ tuple, value: priority }));
  return [
    ...(asked('--map-mark') ? [map('mark', marks)] : []),
    ...(asked('--map-prio') ? [map('priority', priorities)] : []),
  ];
}
