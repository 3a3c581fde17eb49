import { UNKNOWN, type FieldValue } from './field-value.ts';
import type { Scope } from './state.ts';

const SECONDS_A_DAY = 86_400;

/** nft_meta_get_eval_time() of net/netfilter/nft_meta.c, by the clock at which the rules were read. */
export function clockField(field: 'hour' | 'day' | 'time', { clock, clockAhead }: Scope): FieldValue {
  if (clock === undefined) return UNKNOWN;
  switch (field) {
    case 'time':
      return clock;
    case 'hour':
      return clock % SECONDS_A_DAY;
    case 'day': {
      // What the kernel takes for its own zone (sys_tz) nobody can read: UTC, or what the machine's clock shows.
      const [utc, local] = [0, clockAhead].map((ahead) =>
        ahead === undefined ? null : new Date((clock + ahead) * 1000).getUTCDay(),
      );
      return utc === local ? (utc ?? UNKNOWN) : UNKNOWN;
    }
  }
}
