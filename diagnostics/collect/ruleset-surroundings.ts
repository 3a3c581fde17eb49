import type { Output } from '../host/machine.ts';
import type { Ruleset } from '../model/ruleset.ts';
import { aheadOfUtc } from './nftables/clock.ts';

type Run = (argv: readonly string[]) => Promise<Output>;

/** Rules that hand packets to programs, in either language. */
const QUEUES = ['NFQUEUE', '-j QUEUE', '"queue":'];
/** Rules that ask about IPsec. */
const IPSEC = [' -m policy ', '"ipsec"', '"secpath"'];

/** Rules that ask for the time. */
const TIMES = [' -m time ', '"hour"', '"day"', '"time"'];

const BOUND_QUEUES = '/proc/net/netfilter/nfnetlink_queue';

/** What beside the rules decides about what they ask: read only where they ask it. */
export async function readSurroundings(
  run: Run,
  listings: readonly string[],
): Promise<Pick<Ruleset, 'boundQueues' | 'ipsecPolicies' | 'clock' | 'clockAhead'>> {
  const [queues, policies] = await Promise.all([
    mention(listings, QUEUES) ? run(['cat', BOUND_QUEUES]) : null,
    mention(listings, IPSEC) ? run(['ip', 'xfrm', 'policy', 'count']) : null,
  ]);
  const boundQueues = queues && succeeded(queues) ? parseBoundQueues(queues.stdout) : null;
  const ipsecPolicies = policies && succeeded(policies) ? parsePolicyCount(policies.stdout) : null;
  return {
    ...(boundQueues && { boundQueues }),
    ...(ipsecPolicies !== null && { ipsecPolicies }),
    ...(mention(listings, TIMES) && { clock: Math.floor(Date.now() / 1000), clockAhead: aheadOfUtc() }),
  };
}

/** Listings can be megabytes long: plain words are found in them much sooner than patterns. */
const mention = (listings: readonly string[], words: readonly string[]): boolean =>
  listings.some((text) => words.some((word) => text.includes(word)));

const succeeded = ({ problem, exitCode }: Output): boolean => problem === undefined && exitCode === 0;

/** seq_show() of nfnetlink_queue.c: `    0   1234     0 2 65531     0     0        0  1`, the queue's number first. */
export const parseBoundQueues = (text: string): readonly number[] =>
  text.split('\n').flatMap((line) => {
    const number = /^\s*(\d+)\s/.exec(line)?.[1];
    return number === undefined ? [] : [Number(number)];
  });

/** ` SPD IN  0 OUT 0 FWD 0 …`; null where it says something else. */
export function parsePolicyCount(text: string): boolean | null {
  const counts = [...text.matchAll(/\b(?:IN|OUT|FWD)\s+(\d+)/g)].map(([, count]) => Number(count));
  return counts.length === 0 ? null : counts.some((count) => count > 0);
}
