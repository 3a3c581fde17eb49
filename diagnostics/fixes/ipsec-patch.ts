import { known } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { IpsecPolicy } from '../model/ipsec.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';

/** The newest comes first, as `ip xfrm policy` lists them. */
export const changeIpsec = (
  snapshot: Snapshot,
  id: NamespaceId,
  change: (policies: readonly IpsecPolicy[]) => readonly IpsecPolicy[],
): Snapshot =>
  withFacts(snapshot, id, (facts) => ({
    ...facts,
    ipsec:
      facts.ipsec.state === 'known'
        ? known({ ...facts.ipsec.value, policies: change(facts.ipsec.value.policies) })
        : facts.ipsec,
  }));

const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

/** The command that adds the policy, or the one that deletes it: a policy is named by what it selects, and its mark. */
export function ipsecWords(verb: 'add' | 'delete', policy: IpsecPolicy): readonly string[] {
  const named = ['ip', 'xfrm', 'policy', verb, ...wordsOf(policy.selector), 'dir', policy.direction];
  if (verb === 'add') return [...named, ...wordsOf(policy.settings)];
  const { mark, interfaceId, type } = policy;
  return [
    ...named,
    ...(mark ? ['mark', String(mark.value), 'mask', String(mark.mask)] : []),
    'ptype',
    type,
    ...(interfaceId === undefined ? [] : ['if_id', String(interfaceId)]),
  ];
}
