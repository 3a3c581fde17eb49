import { entry } from '../../host/external-json.ts';
import type { Match } from '../../model/rule-match.ts';
import { unmodelledMatch } from '../iptables/values.ts';
import { at, isList, isObject, numberAt, textAt, type Json } from './json.ts';

/** Statements that hold for some packets only, as chance or history has it. */
export const SOMETIMES: ReadonlySet<string> = new Set(['limit', 'quota', 'ct count', 'meter']);

/** Whether an element of a set, or one that a rule puts in, has such a statement of its own. */
export const isLimited = (statements: Json | undefined): boolean =>
  (isList(statements) ? statements : [statements]).some(
    (one) => isObject(one) && Object.keys(one).some((key) => SOMETIMES.has(key)),
  );

/** `ct count over 20`; null: not understood. */
export function readCount(json: Json): Match | null {
  const limit = numberAt(json, 'val');
  return limit === null ? null : { type: 'connection-count', over: at(json, 'inv') === true, limit };
}

const UNITS: Readonly<Record<string, number>> = { bytes: 1, kbytes: 2 ** 10, mbytes: 2 ** 20 };

/**
 * What an element that a rule puts in asks of the packet (`add @seen { ip saddr ct count over 9 }`). The connections of an element are
 * not more than all; that a set is full is another matter, so that a limit that is kept says nothing.
 */
export function readElementLimit(statements: Json | undefined, name: string): readonly Match[] {
  if (!isLimited(statements)) return [];
  const [only, ...others] = isList(statements) ? statements : [statements];
  const count = others.length === 0 ? at(only, 'ct count') : undefined;
  const counted = count !== undefined && at(count, 'inv') === true ? readCount(count) : null;
  return [counted ?? unmodelledMatch(name, 'rate')];
}

/** `quota over 25 mbytes used 3 kbytes`; null: it is one by name, or not understood. */
export function readQuota(json: Json): Match | null {
  const bytesOf = (name: string): number | null => {
    const unit = entry(UNITS, textAt(json, `${name}_unit`) ?? 'bytes');
    const amount = numberAt(json, name);
    return amount === null || unit === undefined ? null : amount * unit;
  };
  const [bytes, used] = [bytesOf('val'), bytesOf('used')];
  return bytes === null ? null : { type: 'quota', over: at(json, 'inv') === true, bytes, used: used ?? 0 };
}
