import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeSysctls, factsOf } from '../patch.ts';

/** Lets the kernel follow more connections. */
export interface RaiseConntrack {
  readonly kind: 'raise-conntrack';
  /** Where the limit is written: the machine's own namespace. */
  readonly namespace: NamespaceId;
  /** Where the table is full. */
  readonly full: NamespaceId;
  readonly limit: number;
}

const KEY = 'net/netfilter/nf_conntrack_max';

export const raiseConntrack: ActionKind<RaiseConntrack> = {
  steps: ({ namespace, limit }, snapshot) => [
    exec(snapshot, namespace, ['sysctl', '-w', `net.netfilter.nf_conntrack_max=${limit}`]),
  ],
  undo({ namespace, full }, snapshot) {
    const facts = factsOf(snapshot, full)?.sysctls;
    const old = facts?.state === 'known' ? facts.value[KEY] : undefined;
    return old === undefined
      ? []
      : [exec(snapshot, namespace, ['sysctl', '-w', `net.netfilter.nf_conntrack_max=${old}`])];
  },
  // It is the same limit in every namespace.
  change: ({ limit }, snapshot) =>
    snapshot.namespaces.reduce(
      (now, { id }) =>
        changeSysctls(now, id, (sysctls) =>
          sysctls[KEY] === undefined ? sysctls : { ...sysctls, [KEY]: String(limit) },
        ),
      snapshot,
    ),
  text: {
    en: ({ limit }, where) => ({
      title: `Let the kernel follow ${limit} connections (in ${where})`,
      permanent: `Write net.netfilter.nf_conntrack_max = ${limit} to a file in /etc/sysctl.d.`,
      sideEffects: ['Each connection takes some 300 bytes of the kernel’s memory.'],
    }),
    'zh-cn': ({ limit }, where) => ({
      title: `让内核跟踪 ${limit} 个连接（在 ${where} 中设置）`,
      permanent: `把 net.netfilter.nf_conntrack_max = ${limit} 写入 /etc/sysctl.d 下的文件。`,
      sideEffects: ['每个连接约占用 300 字节内核内存。'],
    }),
  },
};
