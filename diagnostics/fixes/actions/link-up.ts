import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { bringUp } from '../carrier.ts';
import { forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Brings an interface up. */
export interface LinkUp {
  readonly kind: 'link-up';
  readonly namespace: NamespaceId;
  readonly dev: string;
}

export const linkUp: ActionKind<LinkUp> = {
  steps: ({ namespace, dev }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'link', 'set', 'dev', dev, 'up']),
  ],
  undo: ({ namespace, dev }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'link', 'set', 'dev', dev, 'down']),
  ],
  change({ namespace, dev }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    return link ? forgetFailedNeighbours(bringUp(snapshot, { namespace, index: link.index })) : snapshot;
  },
  text: {
    en: ({ dev }, where) => ({
      title: `Bring up ${dev} in ${where}`,
      permanent: `Set ${dev} to come up by itself in the network configuration of ${where} (netplan, systemd-networkd, /etc/network/interfaces, or the script that makes it).`,
      sideEffects: [],
    }),
    'zh-cn': ({ dev }, where) => ({
      title: `在 ${where} 中启用接口 ${dev}`,
      permanent: `在 ${where} 的网络配置（netplan、systemd-networkd、/etc/network/interfaces 或创建它的脚本）中让 ${dev} 自动启用。`,
      sideEffects: [],
    }),
  },
};
