import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { valueOr } from '../../model/fact.ts';
import { exec, type ActionKind } from '../action.ts';
import { settleIpv6 } from '../ipv6-settings.ts';
import { changeSysctls, factsOf } from '../patch.ts';
import { dotted, sysctlCommand } from '../sysctl-words.ts';

/** Writes a kernel setting. `key` with slashes: `net/ipv4/ip_forward`. */
export interface WriteSysctl {
  readonly kind: 'write-sysctl';
  readonly namespace: NamespaceId;
  readonly key: string;
  readonly value: string;
}

/** Settings of a machine that write those of all its interfaces too (devinet_sysctl_forward(), addrconf_fixup_forwarding()). */
const SPREADS: Readonly<Record<string, RegExp>> = {
  'net/ipv4/ip_forward': /^net\/ipv4\/conf\/[^/]+\/forwarding$/,
  'net/ipv4/conf/all/forwarding': /^net\/ipv4\/(?:ip_forward|conf\/[^/]+\/forwarding)$/,
  'net/ipv6/conf/all/forwarding': /^net\/ipv6\/conf\/[^/]+\/forwarding$/,
  'net/ipv6/conf/all/disable_ipv6': /^net\/ipv6\/conf\/[^/]+\/disable_ipv6$/,
};

export const writeSysctl: ActionKind<WriteSysctl> = {
  steps: ({ namespace, key, value }, snapshot) => [exec(snapshot, namespace, sysctlCommand(key, value))],
  undo({ namespace, key }, snapshot) {
    const old = sysctlsOf(snapshot, namespace);
    const back = exec(snapshot, namespace, sysctlCommand(key, old[key] ?? '0'));
    const spread = SPREADS[key];
    if (!spread) return [back];
    // Those of the interfaces that differed before are written back one by one.
    const differing = Object.entries(old).filter(
      ([name, value]) => name !== key && spread.test(name) && value !== (old[key] ?? '0'),
    );
    return [back, ...differing.map(([name, value]) => exec(snapshot, namespace, sysctlCommand(name, value)))];
  },
  change: ({ namespace, key, value }, snapshot) =>
    settleIpv6(
      changeSysctls(snapshot, namespace, (sysctls) => ({
        ...sysctls,
        ...Object.fromEntries(
          Object.keys(sysctls)
            .filter((name) => SPREADS[key]?.test(name))
            .map((name) => [name, value]),
        ),
        [key]: value,
      })),
      snapshot,
      namespace,
    ),
  text: {
    en: ({ key, value }, where) => ({
      title: `Set ${dotted(key)} to ${value} in ${where}`,
      permanent: `Write ${dotted(key)} = ${value} into /etc/sysctl.d/90-hoplab.conf (for a namespace or container: where it is created).`,
      opens: isForwarding(key)
        ? [`${where} then forwards between all of its interfaces, not only these two.`]
        : [],
      sideEffects: [
        ...(key === FORWARD_6
          ? [
              `Interfaces of ${where} with accept_ra 1 no longer take routes from router advertisements: 2 keeps them.`,
            ]
          : []),
      ],
    }),
    'zh-cn': ({ key, value }, where) => ({
      title: `在 ${where} 中把 ${dotted(key)} 设为 ${value}`,
      permanent: `在 /etc/sysctl.d/90-hoplab.conf 中写入 ${dotted(key)} = ${value}（${where} 若由脚本或编排工具创建，则写在那里）。`,
      opens: isForwarding(key) ? [`${where} 会在它的所有接口之间转发，而不只是这两个。`] : [],
      sideEffects: [
        ...(key === FORWARD_6
          ? [`${where} 中 accept_ra 为 1 的接口不再接受路由器通告的路由；设为 2 可以保留。`]
          : []),
      ],
    }),
  },
};

const sysctlsOf = (snapshot: Snapshot, id: NamespaceId): Readonly<Record<string, string>> =>
  valueOr(factsOf(snapshot, id)?.sysctls ?? { state: 'absent' }, {});

const FORWARD_6 = 'net/ipv6/conf/all/forwarding';

/** Of the machine as a whole. */
const isForwarding = (key: string): boolean => key === 'net/ipv4/ip_forward' || key === FORWARD_6;
