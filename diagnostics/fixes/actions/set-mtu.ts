import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { bridgeFollows, withMtu } from '../bridge-follows.ts';
import { settleMtu } from '../ipv6-settings.ts';
import { linkNamed } from '../patch.ts';

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
    if (!link) return snapshot;
    const sized = bridgeFollows(withMtu(snapshot, namespace, dev, mtu), snapshot, namespace, link.master);
    return settleMtu(sized, snapshot, namespace);
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
