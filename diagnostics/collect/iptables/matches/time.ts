import type { Match } from '../../../model/rule-match.ts';
import type { Extension } from '../options.ts';
import { unmodelledMatch } from '../values.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTH_DAYS = 31;
const LAST_SECOND = 86_399;

/** `08:00:00`, in seconds of the day. */
const secondsOf = (written: string | undefined, otherwise: number): number | null => {
  if (written === undefined) return otherwise;
  const found = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(written);
  return found && Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] ?? 0);
};

/** `2026-01-01T00:00:00`, in seconds since 1970. */
const dateOf = (written: string | undefined, otherwise: number): number | null => {
  if (written === undefined) return otherwise;
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(written) ? Date.parse(`${written}Z`) : NaN;
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
};

/** `Mon,Tue` or `1,15`, numbered from 1; null where a word is neither. */
const daysOf = (
  written: string | undefined,
  count: number,
  numberOf: (word: string) => number,
): readonly number[] | null => {
  if (written === undefined) return Array.from({ length: count }, (_, at) => at + 1);
  const days = written.split(',').map(numberOf);
  return days.every((day) => day >= 1 && day <= count) ? days : null;
};

/** time_mt() of xt_time.c, in UTC. What the kernel takes for its own zone (`--kerneltz`) nobody can read. */
export function timeOfDay({ options, text: written }: Extension): readonly Match[] {
  const option = (wanted: string) => options.find(({ name }) => name === wanted);
  const valueOf = (wanted: string): string | undefined => option(wanted)?.values[0];
  const days = (wanted: string, count: number, numberOf: (word: string) => number) => {
    const named = daysOf(valueOf(wanted), count, numberOf);
    return named && option(wanted)?.negate
      ? Array.from({ length: count }, (_, at) => at + 1).filter((day) => !named.includes(day))
      : named;
  };
  const weekdays = days('--weekdays', DAYS.length, (word) => DAYS.indexOf(word) + 1);
  const monthDays = days('--monthdays', MONTH_DAYS, Number);
  const [from, to] = [secondsOf(valueOf('--timestart'), 0), secondsOf(valueOf('--timestop'), LAST_SECOND)];
  const [since, until] = [dateOf(valueOf('--datestart'), 0), dateOf(valueOf('--datestop'), Infinity)];
  if (!weekdays || !monthDays || from === null || to === null || since === null || until === null)
    return [unmodelledMatch(written)];
  if (option('--kerneltz')) return [unmodelledMatch(written)];
  return [
    {
      type: 'time',
      from,
      to,
      weekdays,
      monthDays,
      since,
      ...(until !== Infinity && { until }),
      ...(option('--contiguous') && { contiguous: true }),
    },
  ];
}
