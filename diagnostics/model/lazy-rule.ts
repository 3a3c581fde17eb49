import type { Rule, RulePart } from './ruleset.ts';

/** What a rule may be about, as far as the listing's words tell before any rule of it was read. */
export type Mention = 'sockets' | 'zones' | 'rewrites';

/** A rule that was not read yet. */
export interface UnreadRule {
  /** Its next pieces, from the first (0) on; null: there are no more. Thousands of rules are read: no generators. */
  readonly piece: (at: number) => readonly RulePart[] | null;
  /** Nothing that is not said here is in any part. */
  readonly mentions: ReadonlySet<Mention>;
}

const unread = new WeakMap<Rule, UnreadRule>();

/**
 * A rule that is read when somebody asks for its parts. Of thousands of rules most are done with after the first comparison:
 * pieceOf() reads no more than is asked for. Copied by spreading it is a rule like any other.
 */
export function lazyRule(rule: Omit<Rule, 'parts'>, draft: UnreadRule): Rule {
  let read: readonly RulePart[] | null = null;
  const lazy: Rule = {
    ...rule,
    get parts() {
      return (read ??= wholly(draft));
    },
  };
  unread.set(lazy, draft);
  return lazy;
}

function wholly({ piece }: UnreadRule): readonly RulePart[] {
  const parts: RulePart[] = [];
  for (let at = 0, next = piece(0); next; next = piece(++at)) parts.push(...next);
  return parts;
}

/** Some of the parts of a rule, in order: what is read one after the other; null: there are no more. */
export const pieceOf = (rule: Rule, at: number): readonly RulePart[] | null => {
  const draft = unread.get(rule);
  if (draft) return draft.piece(at);
  return at === 0 ? rule.parts : null;
};

/** Whether a part of the rule may be about this. */
export const mayMention = (rule: Rule, mention: Mention): boolean =>
  unread.get(rule)?.mentions.has(mention) ?? true;
