import type { Match } from '../../model/rule-match.ts';
import type { Test } from './compare.ts';

type Of<T extends string> = Extract<Match, { readonly type: T }>;

/**
 * nf_conncount_count(): the packet's own connection is counted, and of the others that the namespace follows at most all. Which of
 * them the rule has met is its history.
 */
export const compileCount =
  ({ over, limit }: Of<'connection-count'>): Test =>
  ({ scope: { input } }) => {
    if (limit === 0) return over;
    const { connectionCount } = input;
    return connectionCount !== undefined && connectionCount < limit ? !over : 'maybe';
  };

/** So much may come by until the packet that is asked about does. */
const IN_BETWEEN = 65_536;

/** nft_overquota(): what has been used up stays so; what is far from it is not used up yet. */
export const compileQuota =
  ({ over, bytes, used }: Of<'quota'>): Test =>
  ({ packet }) => {
    if (used + packet.size > bytes) return over;
    return used + IN_BETWEEN <= bytes ? !over : 'maybe';
  };
