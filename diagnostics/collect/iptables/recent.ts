import { isAddress, addressBits, familyOf, parsePrefix } from '../../model/ip.ts';
import type { Field } from '../../model/rule-field.ts';
import type { NamedSet, RulePart } from '../../model/ruleset.ts';
import type { Extension } from './options.ts';
import { compare, NEVER, readNumber, unmodelledMatch } from './values.ts';

/** `-m recent` keeps lists of addresses, and how often each came, that rules fill and ask; /proc/net/xt_recent shows them. */
export type RecentLists = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Where the lists are, each a file; `grep -rs '' DIRECTORY` prints all of them. */
export const RECENT_DIRECTORY = '/proc/net/xt_recent';

const DEFAULT_NAME = 'DEFAULT';
const QUESTIONS: ReadonlySet<string> = new Set(['--set', '--rcheck', '--update', '--remove']);
const KNOWN: ReadonlySet<string> = new Set([
  ...QUESTIONS,
  ...['--seconds', '--reap', '--hitcount', '--name', '--rsource', '--rdest', '--mask'],
]);

/** `/proc/net/xt_recent/NAME:src=10.0.0.2 ttl: 64 last_seen: 4294937296 oldest_pkt: 2 4294937290, 4294937296`: it came twice. */
export function parseRecentLists(text: string): RecentLists {
  const lists = new Map<string, Map<string, number>>();
  for (const line of text.split('\n')) {
    const [, name, address, times] =
      /^\/proc\/net\/xt_recent\/(.+?):src=(\S+) .* oldest_pkt: \d+ (.+)$/.exec(line) ?? [];
    if (name === undefined || address === undefined || times === undefined || !isAddress(address)) continue;
    const list = lists.get(name) ?? new Map<string, number>();
    lists.set(name, list.set(address, times.split(',').length));
  }
  return lists;
}

const setName = (name: string): string => `recent ${name}`;

/** Whether a listing has to be read together with /proc/net/xt_recent. */
export const mentionsRecent = (listing: string): boolean => listing.includes(' -m recent ');

/** The lists that rules of a listing ask, as sets. One that has no entries shows none; null: they could not be read. */
export function recentSets(lists: RecentLists | null, listing: string): readonly NamedSet[] {
  if (lists === null || !mentionsRecent(listing)) return [];
  const asked = new Set(
    [...listing.matchAll(/ -m recent .*?--name (\S+)/g)].map(([, name]) => name ?? DEFAULT_NAME),
  );
  return [...asked.add(DEFAULT_NAME)].map((name) => ({
    name: setName(name),
    ...(masksOf(name, listing).size > 1 ? ({ unreadable: true } as const) : {}),
    tuples: [...(lists.get(name)?.keys() ?? [])].map((address) => [
      { type: 'prefix', address, length: addressBits(familyOf(address) ?? 4) },
    ]),
    noted: [...(lists.get(name)?.values() ?? [])],
    dynamic: true,
  }));
}

/** An address, or its network where there is a mask; null: of a mask with holes. */
function notedField(end: 'saddr' | 'daddr', mask: string | undefined): Field | null {
  const family = mask === undefined ? null : familyOf(mask);
  if (mask === undefined || family === null) return end;
  const length = parsePrefix(`${family === 4 ? '0.0.0.0' : '::'}/${mask}`)?.length;
  if (length === undefined) return null;
  return length === addressBits(family) ? end : `network ${length} ${end}`;
}

/** recent_mt_check(): of several masks the one counts that came first, which no listing tells. */
const masksOf = (list: string, listing: string): ReadonlySet<string> =>
  new Set(
    [...listing.matchAll(/ -m recent ((?:(?! -[mjg] ).)*)/g)]
      .map(([, options = '']) => options)
      .filter((options) => (/--name (\S+)/.exec(options)?.[1] ?? DEFAULT_NAME) === list)
      .map((options) => /--mask (\S+)/.exec(options)?.[1] ?? ''),
  );

/**
 * recent_mt() of xt_recent.c. Who is in no list is not met by --rcheck and --update, whatever else they ask; of who is in one,
 * it may count how often it came, and when, which is not modelled. Whom --update meets is noted once more.
 */
export function readRecent({ options, text }: Extension): readonly RulePart[] {
  const valueOf = (wanted: string): string | undefined =>
    options.find(({ name }) => name === wanted)?.values[0];
  const has = (wanted: string): boolean => options.some(({ name }) => name === wanted);
  const question = options.find(({ name }) => QUESTIONS.has(name));
  const set = setName(valueOf('--name') ?? DEFAULT_NAME);
  if (!question || options.some(({ name }) => !KNOWN.has(name)))
    return [{ type: 'fill', set }, unmodelledMatch(text)];
  const { name, negate } = question;
  const field = notedField(has('--rdest') ? 'daddr' : 'saddr', valueOf('--mask'));
  if (field === null) return [{ type: 'fill', set }, unmodelledMatch(text)];
  const changed = (change: 'add' | 'delete'): RulePart => ({ type: 'fill', set, change, fields: [field] });
  if (name === '--set') return [changed('add'), ...(negate ? [NEVER] : [])];
  const lately = has('--seconds');
  const atLeast = Math.max(1, readNumber(valueOf('--hitcount')) ?? 1);
  const counts = lately || atLeast > 1;
  if (name !== '--remove' && counts && negate) return [unmodelledMatch(text)];
  const listed: RulePart = {
    ...compare(field, [], negate),
    values: { type: 'set', name: set },
  };
  if (name === '--remove') return negate ? [listed] : [listed, changed('delete')];
  const again = name === '--update' && !negate ? [changed('add')] : [];
  return [listed, ...(counts ? [{ type: 'noted', field, set, atLeast, lately } as const] : []), ...again];
}
