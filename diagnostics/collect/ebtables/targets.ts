import type { Action, Verdict } from '../../model/ruleset.ts';
import { entry } from '../external-json.ts';
import { MASK_ALL, readNumber } from '../iptables/values.ts';
import type { FrameOption } from './matches.ts';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  ACCEPT: { type: 'accept' },
  DROP: { type: 'drop' },
  CONTINUE: { type: 'continue' },
  RETURN: { type: 'return' },
};

/**
 * What becomes of a frame; `chains`: the table's own ones. `dnat`, `snat`, `redirect` and `arpreply` change whose a frame is, or
 * answer in another's place, which is not modelled.
 */
export function readFrameTarget(
  name: string,
  options: readonly FrameOption[],
  chains: ReadonlySet<string>,
): readonly Action[] {
  const verdict = entry(VERDICTS, name);
  if (verdict) return [{ type: 'verdict', verdict }];
  if (chains.has(name)) return [{ type: 'verdict', verdict: { type: 'jump', chain: name } }];
  const words = ['-j', name, ...options.flatMap((option) => [option.name, option.value])];
  const unknown: Action = { type: 'unmodelled', text: words.join(' ').trim(), decides: true };
  return name === 'mark' ? (readMark(options) ?? [unknown]) : [unknown];
}

/** ebt_mark_tg() of net/bridge/netfilter/ebt_mark.c; without a verdict of its own the frame is accepted. */
function readMark(options: readonly FrameOption[]): readonly Action[] | null {
  const then = options.find(({ name }) => name === '--mark-target')?.value ?? 'ACCEPT';
  const verdict = entry(VERDICTS, then);
  const change = options.find(({ name }) => /^--mark-(?:set|or|and|xor)$/.test(name));
  const value = readNumber(change?.value);
  if (!verdict || !change || value === null) return null;
  const set = { type: 'set-mark', ...marking(change.name, value) } as const;
  return [set, { type: 'verdict', verdict }];
}

/** new = (old & ~mask) ^ value */
function marking(name: string, value: number): { readonly mask: number; readonly value: number } {
  switch (name) {
    case '--mark-or':
      return { mask: value, value };
    case '--mark-and':
      return { mask: ~value >>> 0, value: 0 };
    case '--mark-xor':
      return { mask: 0, value };
    default:
      return { mask: MASK_ALL, value };
  }
}
