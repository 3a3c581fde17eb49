import type { TimeMatch } from '../../model/rule-match.ts';
import type { Test } from './compare.ts';

const SECONDS_A_DAY = 86_400;

/** `time_mt()` of net/netfilter/xt_time.c: by the clock at which the rules were read. */
export const compileTime =
  (wanted: TimeMatch): Test =>
  ({ scope: { clock } }) =>
    clock === undefined ? 'maybe' : holdsAt(wanted, clock);

function holdsAt(wanted: TimeMatch, clock: number): boolean {
  const { from, to, weekdays, monthDays, since, until = Infinity, contiguous = false } = wanted;
  if (clock < since || clock > until) return false;
  const second = clock % SECONDS_A_DAY;
  const overnight = from >= to;
  if (overnight ? second < from && second > to : second < from || second > to) return false;
  // What began the evening before is of the day before.
  const day = new Date((contiguous && overnight && second <= to ? clock - SECONDS_A_DAY : clock) * 1000);
  return weekdays.includes(day.getUTCDay() || 7) && monthDays.includes(day.getUTCDate());
}
