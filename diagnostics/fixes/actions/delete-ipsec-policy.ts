import type { NamespaceId } from '../../model/ids.ts';
import { ipsecPolicyText, type IpsecPolicy } from '../../model/ipsec.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeIpsec, ipsecWords } from '../ipsec-patch.ts';

/** Takes an IPsec policy of the kernel's away. */
export interface DeleteIpsecPolicy {
  readonly kind: 'delete-ipsec-policy';
  readonly namespace: NamespaceId;
  readonly policy: IpsecPolicy;
}

export const deleteIpsecPolicy: ActionKind<DeleteIpsecPolicy> = {
  steps: ({ namespace, policy }, snapshot) => [exec(snapshot, namespace, ipsecWords('delete', policy))],
  undo: ({ namespace, policy }, snapshot) => [exec(snapshot, namespace, ipsecWords('add', policy))],
  change: ({ namespace, policy }, snapshot) =>
    changeIpsec(snapshot, namespace, (policies) =>
      policies.filter((one) => ipsecPolicyText(one) !== ipsecPolicyText(policy)),
    ),
  text: {
    en: ({ policy }, where) => ({
      title: `Delete the IPsec policy “${ipsecPolicyText(policy)}” in ${where}`,
      permanent: `Remove it from the configuration of whatever manages IPsec in ${where}, or it comes back.`,
      sideEffects: [
        policy.verdict === 'block'
          ? 'Everything else that the policy blocks passes too.'
          : 'Everything that the policy speaks of goes unprotected.',
      ],
    }),
    'zh-cn': ({ policy }, where) => ({
      title: `删除 ${where} 中的 IPsec 策略“${ipsecPolicyText(policy)}”`,
      permanent: `把它从 ${where} 中管理 IPsec 的程序的配置里去掉，否则它会重新出现。`,
      sideEffects: [
        policy.verdict === 'block'
          ? '这条策略原本阻止的其他流量也会通过。'
          : '这条策略涉及的所有流量都将不受保护。',
      ],
    }),
  },
};
