import { entry } from '../../host/external-json.ts';
import type { Match } from '../../model/rule-match.ts';
import { at, numberAt, textAt, type Json } from './json.ts';

/** `ct count over 20`; null: not understood. */
export function readCount(json: Json): Match | null {
  const limit = numberAt(json, 'val');
  return limit === null ? null : { type: 'connection-count', over: at(json, 'inv') === true, limit };
}

const UNITS: Readonly<Record<string, number>> = { bytes: 1, kbytes: 2 ** 10, mbytes: 2 ** 20 };

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
