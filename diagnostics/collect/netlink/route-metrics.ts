import type { Attributes } from '../../host/native/netlink-message.ts';
import type { JsonObject } from '../../host/external-json.ts';
import { NotUnderstood, u32, valueOf } from './bytes.ts';

const RTAX_LOCK = 1;
const RTAX_HOPLIMIT = 10;

/** RTAX_* that are plain numbers, in the words of iproute2's ip/iproute.c. The others (times, features) are printed in ways of their own. */
const WORDS: Readonly<Partial<Record<number, string>>> = {
  2: 'mtu',
  3: 'window',
  6: 'ssthresh',
  7: 'cwnd',
  8: 'advmss',
  9: 'reordering',
  [RTAX_HOPLIMIT]: 'hoplimit',
  11: 'initcwnd',
  14: 'initrwnd',
  15: 'quickack',
};

/** `metrics` of a route, from RTA_METRICS: which has them in the order of their numbers. */
export function metricsRecord(metrics: Attributes): JsonObject {
  const record: Record<string, number> = {};
  for (const type of [...metrics.keys()].sort((one, other) => one - other)) {
    if (type === RTAX_LOCK) continue;
    const word = WORDS[type];
    const value = valueOf(metrics, type, u32);
    if (word === undefined || value === undefined) throw new NotUnderstood('metric', type);
    // -1: the namespace's own default.
    if (type === RTAX_HOPLIMIT && value === 0xffffffff) continue;
    record[word] = value;
  }
  return record;
}
