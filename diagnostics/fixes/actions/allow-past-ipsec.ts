import type { NamespaceId } from '../../model/ids.ts';
import { ipsecPolicyText, type IpsecPolicy } from '../../model/ipsec.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeIpsec, ipsecWords } from '../ipsec-patch.ts';

/** A policy for one flow, asked before all others: its packets pass as they are. */
export interface AllowPastIpsec {
  readonly kind: 'allow-past-ipsec';
  readonly namespace: NamespaceId;
  readonly policy: IpsecPolicy;
}

export const allowPastIpsec: ActionKind<AllowPastIpsec> = {
  steps: ({ namespace, policy }, snapshot) => [exec(snapshot, namespace, ipsecWords('add', policy))],
  undo: ({ namespace, policy }, snapshot) => [exec(snapshot, namespace, ipsecWords('delete', policy))],
  change: ({ namespace, policy }, snapshot) =>
    changeIpsec(snapshot, namespace, (policies) => [policy, ...policies]),
  text: {
    en: ({ policy }, where) => ({
      title: `Let these packets pass IPsec in ${where}: ${ipsecPolicyText(policy)}`,
      permanent: `Write the exception into the configuration of whatever manages IPsec in ${where} (a “passthrough” connection of strongSwan or Libreswan).`,
      sideEffects: ['They go unprotected: whoever is on the way can read and change them.'],
    }),
    'zh-cn': ({ policy }, where) => ({
      title: `在 ${where} 中让这些数据包不经 IPsec 通过：${ipsecPolicyText(policy)}`,
      permanent: `把这个例外写入 ${where} 中管理 IPsec 的程序的配置（strongSwan 或 Libreswan 的“passthrough”连接）。`,
      sideEffects: ['这些数据包不受保护：途中的任何人都能读取和篡改。'],
    }),
  },
};
