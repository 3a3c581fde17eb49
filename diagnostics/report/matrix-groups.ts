import type { MatrixPair } from '../model/reach-matrix.ts';
import type { MatrixWords } from './matrix-words.ts';

/** Some senders and whom they ask, in one line. */
export interface Line {
  readonly text: string;
  /** Pairs it stands for. */
  readonly count: number;
}

/**
 * Pairs as few lines: senders that ask the same receivers share one. Who is not asked about itself counts as asking the others, so
 * that `a, b, c → a, b, c` says that each is stopped at the other two. Pairs of several questions count once.
 */
export function whoToWhom(
  pairs: readonly MatrixPair[],
  names: readonly string[],
  { everybody, comma }: Pick<MatrixWords, 'everybody' | 'comma'>,
): readonly Line[] {
  const receivers = new Map<string, Set<string>>();
  for (const { from, to } of pairs) {
    const known = receivers.get(from);
    if (known) known.add(to);
    else receivers.set(from, new Set([to]));
  }
  const inOrder = (those: ReadonlySet<string>): readonly string[] => names.filter((name) => those.has(name));
  const byAll = senders(receivers, (from, to) => new Set([...to, from]), inOrder);
  const lines: { readonly from: readonly string[]; readonly to: readonly string[] }[] = [];
  const single = new Map<string, Set<string>>();
  for (const { from, to } of byAll.values()) {
    if (from.length > 1) lines.push({ from, to });
    else for (const name of from) single.set(name, receivers.get(name) ?? new Set());
  }
  lines.push(...senders(single, (_from, to) => to, inOrder).values());
  const say = (those: readonly string[]): string =>
    those.length === names.length && names.length > 2 ? everybody : those.join(comma);
  return lines.map(({ from, to }) => ({
    text: `${say(from)} → ${say(to)}`,
    count: from.reduce((sum, name) => sum + (receivers.get(name)?.size ?? 0), 0),
  }));
}

function senders(
  receivers: ReadonlyMap<string, Set<string>>,
  setOf: (from: string, to: ReadonlySet<string>) => ReadonlySet<string>,
  inOrder: (those: ReadonlySet<string>) => readonly string[],
): Map<string, { readonly from: string[]; readonly to: readonly string[] }> {
  const groups = new Map<string, { readonly from: string[]; readonly to: readonly string[] }>();
  for (const [from, own] of receivers) {
    const to = inOrder(setOf(from, own));
    const key = JSON.stringify(to);
    const group = groups.get(key);
    if (group) group.from.push(from);
    else groups.set(key, { from: [from], to });
  }
  return groups;
}
