import type { Rule } from '../../model/ruleset.ts';
import type { Decision, Result, State } from './state.ts';

/** A rule in its chain: what results and doubts refer to. */
export interface RulePlace {
  readonly chain: string;
  readonly rule: Rule;
}

/** A rule as the step of a trace names what decided. */
export const decisionOf = ({ chain, rule }: RulePlace): Decision => ({
  chain,
  rule: {
    text: rule.text,
    number: rule.number,
    ...(rule.handle === undefined ? {} : { handle: rule.handle }),
  },
});

/** A doubt that names its rule; `why`: the rest of a sentence. */
export const doubtAbout = ({ chain, rule }: RulePlace, why: string): string =>
  `rule ${rule.number} of chain ${chain} (${rule.text}): ${why}`;

/** What an action makes of the packet: the packet as it goes on in this rule, or how the rule ends. */
export type Effect =
  | { readonly goesOn: true; readonly state: State }
  | { readonly goesOn: false; readonly results: readonly Result[] };

export const goesOn = (state: State): Effect => ({ goesOn: true, state });
export const ends = (...results: readonly Result[]): Effect => ({ goesOn: false, results });
