import { mayMention, type Mention } from '../../model/lazy-rule.ts';
import type { RewriteTarget } from '../../model/rule-action.ts';
import type { RulePart, Ruleset } from '../../model/ruleset.ts';

/** Whether any rule has such a part; looked for once a ruleset. */
function anyPart(mention: Mention, is: (part: RulePart) => boolean): (ruleset: Ruleset | null) => boolean {
  const known = new WeakMap<Ruleset, boolean>();
  return (ruleset) => {
    if (!ruleset) return false;
    const seen = known.get(ruleset);
    if (seen !== undefined) return seen;
    const found = ruleset.tables.some(({ chains }) =>
      chains.some(({ rules }) => rules.some((rule) => mayMention(rule, mention) && rule.parts.some(is))),
    );
    known.set(ruleset, found);
    return found;
  };
}

/** Some rule looks for sockets. */
export const asksForSockets = anyPart(
  'sockets',
  (part) =>
    part.type === 'claim' ||
    part.type === 'restore-socket-mark' ||
    ('fields' in part && part.fields.some((field) => field.startsWith('socket '))),
);

/** Some rule changes the ends of packets without a word to conntrack. */
export const rewritesPackets = anyPart(
  'rewrites',
  (part) =>
    part.type === 'translate-prefix' ||
    ((part.type === 'rewrite' || part.type === 'mark-map') && ENDS.has(part.target)),
);

const ENDS: ReadonlySet<string> = new Set(['saddr', 'daddr', 'sport', 'dport'] satisfies RewriteTarget[]);

/** Some rule puts packets into a zone of conntrack's. */
export const setsZones = anyPart(
  'zones',
  (part) => part.type === 'set-zone' || (part.type === 'mark-map' && part.target === 'ct zone'),
);
