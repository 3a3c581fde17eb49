import type { FixStep } from '../../model/diagnosis.ts';
import type { Rule } from '../../model/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { isNftRule, isSayable } from '../nft-text.ts';
import { changeChain, findChain, renumber, type ChainPlace } from '../rule-patch.ts';
import { iptablesCommand } from '../rule-spec.ts';
import { splitWords } from '../shell-words.ts';

/** Takes a rule out of a chain. */
export interface DeleteRule {
  readonly kind: 'delete-rule';
  readonly place: ChainPlace;
  readonly rule: Pick<Rule, 'text' | 'number' | 'handle'>;
  /** It threw nothing away. */
  readonly opensNothing?: true;
}

/** The rule has to be said again to take its deletion back. */
const sayable = ({ place, rule }: DeleteRule): boolean =>
  isSayable(place) && (place.backend !== 'nft' || isNftRule(rule.text));

export const deleteRule: ActionKind<DeleteRule> = {
  steps(action, snapshot) {
    const { place, rule } = action;
    if (!sayable(action)) return [];
    if (place.backend !== 'nft') return [iptables(action, snapshot, ['-D', place.chain])];
    const handle = ['handle', String(rule.handle ?? '')];
    return [exec(snapshot, place.namespace, ['nft', 'delete', 'rule', ...chainOf(place), ...handle])];
  },
  undo(action, snapshot) {
    const { place, rule } = action;
    if (!sayable(action)) return [];
    // What nft has no words for is listed in those of ebtables.
    if (place.backend !== 'nft' || rule.text.startsWith('-A '))
      return [iptables(action, snapshot, ['-I', place.chain, String(rule.number)])];
    const last = findChain(snapshot, place)?.rules.length === rule.number;
    // An index counts from 0, and must name a rule that is there.
    const verb = last ? ['add', 'rule'] : ['insert', 'rule'];
    const position = last ? [] : ['index', String(rule.number - 1)];
    return [exec(snapshot, place.namespace, ['nft', ...verb, ...chainOf(place), ...position, rule.text])];
  },
  change: ({ place, rule }, snapshot) =>
    changeChain(snapshot, place, (chain) => ({
      ...chain,
      rules: renumber(chain.rules.filter(({ number }) => number !== rule.number)),
    })),
  text: {
    en: ({ place, rule, opensNothing }, where) => ({
      title: `Delete rule ${rule.number} of chain ${place.chain} in ${where}`,
      permanent: `Take the rule out of the firewall configuration of ${where} too.`,
      sideEffects: [],
      opens: opensNothing ? [] : ['Whatever else the rule kept out is let through as well.'],
    }),
    'zh-cn': ({ place, rule, opensNothing }, where) => ({
      title: `删除 ${where} 中链 ${place.chain} 的第 ${rule.number} 条规则`,
      permanent: `同时从 ${where} 的防火墙配置中去掉这条规则。`,
      sideEffects: [],
      opens: opensNothing ? [] : ['这条规则原本拦住的其他流量也会被放行。'],
    }),
  },
};

const chainOf = (place: ChainPlace): readonly string[] => [place.family, place.table, place.chain];

/** The rule's own words stand after `-A CHAIN`. */
function iptables(action: DeleteRule, snapshot: Snapshot, where: readonly string[]): FixStep {
  const { place, rule } = action;
  const command = iptablesCommand(place.backend === 'legacy' ? 'legacy' : 'iptables-nft', place.family);
  const table = place.table === 'filter' ? [] : ['-t', place.table];
  return exec(snapshot, place.namespace, [...command, ...table, ...where, ...splitWords(rule.text).slice(2)]);
}
