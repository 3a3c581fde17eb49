import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { valueOr } from '../../model/fact.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeSysctls, factsOf } from '../patch.ts';

/** Writes a kernel setting. `key` with slashes: `net/ipv4/ip_forward`. */
export interface WriteSysctl {
  readonly kind: 'write-sysctl';
  readonly namespace: NamespaceId;
  readonly key: string;
  readonly value: string;
}

const FORWARD = 'net/ipv4/ip_forward';

export const writeSysctl: ActionKind<WriteSysctl> = {
  steps: ({ namespace, key, value }, snapshot) => [exec(snapshot, namespace, write(key, value))],
  undo({ namespace, key }, snapshot) {
    const old = sysctlsOf(snapshot, namespace);
    const back = exec(snapshot, namespace, write(key, old[key] ?? '0'));
    if (key !== FORWARD) return [back];
    // ip_forward writes every interface's own setting: those that differed before are written back one by one.
    const differing = Object.entries(old).filter(
      ([name, value]) => isForwarding(name) && value !== (old[FORWARD] ?? '0'),
    );
    return [back, ...differing.map(([name, value]) => exec(snapshot, namespace, write(name, value)))];
  },
  change: ({ namespace, key, value }, snapshot) =>
    changeSysctls(snapshot, namespace, (sysctls) => ({
      ...sysctls,
      ...(key === FORWARD
        ? Object.fromEntries(
            Object.keys(sysctls)
              .filter((name) => isForwarding(name))
              .map((name) => [name, value]),
          )
        : {}),
      [key]: value,
    })),
  text: {
    en: ({ key, value }, where) => ({
      title: `Set ${dotted(key)} to ${value} in ${where}`,
      permanent: lasting(key, value),
      sideEffects:
        key === FORWARD ? [`${where} then forwards between all of its interfaces, not only these two.`] : [],
    }),
    'zh-cn': ({ key, value }, where) => ({
      title: `在 ${where} 中把 ${dotted(key)} 设为 ${value}`,
      permanent: `在 /etc/sysctl.d/90-hoplab.conf 中写入 ${dotted(key)} = ${value}（${where} 若由脚本或编排工具创建，则写在那里）。`,
      sideEffects: key === FORWARD ? [`${where} 会在它的所有接口之间转发，而不只是这两个。`] : [],
    }),
  },
};

const lasting = (key: string, value: string): string =>
  `Write ${dotted(key)} = ${value} into /etc/sysctl.d/90-hoplab.conf (for a namespace or container: where it is created).`;

const sysctlsOf = (snapshot: Snapshot, id: NamespaceId): Readonly<Record<string, string>> =>
  valueOr(factsOf(snapshot, id)?.sysctls ?? { state: 'absent' }, {});

const isForwarding = (key: string): boolean => /^net\/ipv4\/conf\/[^/]+\/forwarding$/.test(key);

/** As people write it. A key whose interface has a dot in its name stays with slashes, which sysctl(8) also takes. */
const dotted = (key: string): string => (key.includes('.') ? key : key.replaceAll('/', '.'));

const write = (key: string, value: string): readonly string[] => ['sysctl', '-w', `${dotted(key)}=${value}`];
