import type { Action } from '../../model/rule-action.ts';
import type { Verdict } from '../../model/rule-map.ts';
import { entry } from '../../host/external-json.ts';
import { MASK_ALL, readNumber } from '../iptables/values.ts';
import { macOf, type FrameOption } from './matches.ts';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  ACCEPT: { type: 'accept' },
  DROP: { type: 'drop' },
  CONTINUE: { type: 'continue' },
  RETURN: { type: 'return' },
};

/** What becomes of a frame; `chains`: the table's own ones. */
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
  return entry(CHANGES, name)?.(options) ?? [unknown];
}

const valueOf = (options: readonly FrameOption[], name: RegExp): string | undefined =>
  options.find((option) => name.test(option.name))?.value;

/** An action and the verdict after it, which `--NAME-target` says. */
function followed(
  action: Action | null,
  options: readonly FrameOption[],
  name: RegExp,
  otherwise: string,
): readonly Action[] | null {
  const verdict = entry(VERDICTS, valueOf(options, name) ?? otherwise);
  return action && verdict ? [action, { type: 'verdict', verdict }] : null;
}

function readTranslation(end: 'source' | 'destination', options: readonly FrameOption[]): Action | null {
  const address = macOf(valueOf(options, /^--to-/) ?? '');
  if (address === null) return null;
  return end === 'destination'
    ? { type: 'set-ether', end, address, judged: true }
    : {
        type: 'set-ether',
        end,
        address,
        ...(valueOf(options, /^--snat-arp$/) !== undefined && { arp: true }),
      };
}

function readArpReply(options: readonly FrameOption[]): Action | null {
  const address = macOf(valueOf(options, /^--arpreply-mac$/) ?? '00:00:00:00:00:00');
  return address === null ? null : { type: 'answer-arp', address };
}

/** Without a word of their own the targets of ebtables-extensions(8) accept, and `arpreply` drops. */
const CHANGES: Readonly<Record<string, (options: readonly FrameOption[]) => readonly Action[] | null>> = {
  mark: readMark,
  dnat: (options) => followed(readTranslation('destination', options), options, /^--dnat-target$/, 'ACCEPT'),
  snat: (options) => followed(readTranslation('source', options), options, /^--snat-target$/, 'ACCEPT'),
  redirect: (options) =>
    followed(
      { type: 'set-ether', end: 'destination', address: 'bridge', judged: true },
      options,
      /^--redirect-target$/,
      'ACCEPT',
    ),
  arpreply: (options) => followed(readArpReply(options), options, /^--arpreply-target$/, 'DROP'),
};

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
