import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, changeSysctls, linkNamed, linksOf } from '../patch.ts';

/** Gives an interface another MTU. */
export interface SetMtu {
  readonly kind: 'set-mtu';
  readonly namespace: NamespaceId;
  readonly dev: string;
  /** Bytes of layer 3. */
  readonly mtu: number;
}

const mtuCommand = (dev: string, mtu: number): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', dev],
  ...['mtu', String(mtu)],
];

export const setMtu: ActionKind<SetMtu> = {
  steps: ({ namespace, dev, mtu }, snapshot) => [exec(snapshot, namespace, mtuCommand(dev, mtu))],
  undo({ namespace, dev }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    return link ? [exec(snapshot, namespace, mtuCommand(dev, link.mtu))] : [];
  },
  change({ namespace, dev, mtu }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    return link
      ? bridgesAdjusted(withMtu(snapshot, namespace, dev, mtu), snapshot, namespace, link)
      : snapshot;
  },
  text: {
    en: ({ dev, mtu }, where) => ({
      title: `Set the MTU of ${dev} in ${where} to ${mtu}`,
      permanent: `Set the MTU where ${dev} of ${where} is configured (netplan, systemd-networkd, the script that makes it; for a Docker network the option com.docker.network.driver.mtu=${mtu}).`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev, mtu }, where) => ({
      title: `把 ${where} 中 ${dev} 的 MTU 设为 ${mtu}`,
      permanent: `在配置 ${where} 的 ${dev} 的地方设置 MTU（netplan、systemd-networkd、创建它的脚本；Docker 网络用选项 com.docker.network.driver.mtu=${mtu}）。`,
      sideEffects: [],
    }),
  },
};

/** IPv6 keeps an MTU of its own, which follows its device's (addrconf_notify()). */
const withMtu = (snapshot: Snapshot, id: NamespaceId, dev: string, mtu: number): Snapshot =>
  changeSysctls(
    changeLink(
      snapshot,
      id,
      ({ name }) => name === dev,
      (link) => ({ ...link, mtu }),
    ),
    id,
    (sysctls) => {
      const key = `net/ipv6/conf/${dev}/mtu`;
      return key in sysctls ? { ...sysctls, [key]: String(mtu) } : sysctls;
    },
  );

/** br_mtu_auto_adjust(): a bridge that nobody gave an MTU has the smallest of its ports'. */
function bridgesAdjusted(after: Snapshot, before: Snapshot, id: NamespaceId, { master }: Link): Snapshot {
  const bridge = linksOf(before, id).find(({ index }) => index === master);
  const smallest = (snapshot: Snapshot): number =>
    Math.min(
      ...linksOf(snapshot, id)
        .filter((link) => link.master === master)
        .map(({ mtu }) => mtu),
    );
  return bridge?.kind.type === 'bridge' && bridge.mtu === smallest(before)
    ? withMtu(after, id, bridge.name, smallest(after))
    : after;
}
