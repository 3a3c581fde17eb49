/** nft writes times as the clock of whoever lists them shows them; the kernel has them in UTC (src/meta.c of nft). */

const SECONDS_A_DAY = 86_400;

/** Numbers of nft_meta_weekday(). */
export const DAYS: Readonly<Record<string, number>> = {
  Sunday: 0,
  Monday: 1,
  Tuesday: 2,
  Wednesday: 3,
  Thursday: 4,
  Friday: 5,
  Saturday: 6,
};

/** How far the local time is ahead of UTC now, in seconds. */
export const aheadOfUtc = (): number => -new Date().getTimezoneOffset() * 60;

/** `22:00`, `06:30:15` of local time, as a second of the day in UTC; null: it is no time of day. */
export function hourOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!found) return null;
  const [hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((word) => Number(word ?? 0));
  const local = hours * 3600 + minutes * 60 + seconds;
  return local < SECONDS_A_DAY ? (local - aheadOfUtc() + SECONDS_A_DAY) % SECONDS_A_DAY : null;
}

/** `2026-01-31 00:00:00` of local time, in seconds since 1970. */
export function momentOf(text: string): number | null {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/.exec(text) ?? [];
  const milliseconds = day === undefined ? NaN : new Date(`${day}T${time ?? '00:00:00'}`).getTime();
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}
