import type { Scope } from '../state.ts';
import { UNKNOWN, known, type FieldReader } from './field-value.ts';

const SECONDS_A_DAY = 86_400;

/** What the kernel takes for its own zone (sys_tz) nobody can read: UTC, or what the machine's clock shows. */
function dayOfWeek(clock: number, { clockAhead }: Scope): number | null {
  const [utc, local] = [0, clockAhead].map((ahead) =>
    ahead === undefined ? null : new Date((clock + ahead) * 1000).getUTCDay(),
  );
  return utc === local ? (utc ?? null) : null;
}

const byClock =
  (read: (clock: number, scope: Scope) => number | null): FieldReader =>
  ({ scope }) =>
    scope.clock === undefined ? UNKNOWN : known(read(scope.clock, scope));

/** nft_meta_get_eval_time() of net/netfilter/nft_meta.c, by the clock at which the rules were read. */
export const CLOCK_FIELDS = {
  time: byClock((clock) => clock),
  hour: byClock((clock) => clock % SECONDS_A_DAY),
  day: byClock(dayOfWeek),
} satisfies Record<string, FieldReader>;
