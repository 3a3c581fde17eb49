import type { NamespaceId } from '../../model/ids.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed, refreshBridges } from '../patch.ts';

/** Attaches an interface to a bridge. */
export interface SetMaster {
  readonly kind: 'set-master';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly bridge: string;
}

export const setMaster: ActionKind<SetMaster> = {
  steps: ({ namespace, dev, bridge }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'link', 'set', dev, 'master', bridge]),
  ],
  undo: ({ namespace, dev }, snapshot) => [exec(snapshot, namespace, ['ip', 'link', 'set', dev, 'nomaster'])],
  change({ namespace, dev, bridge }, snapshot) {
    const master = linkNamed(snapshot, namespace, bridge)?.index;
    if (master === undefined) return snapshot;
    const attached = changeLink(
      snapshot,
      namespace,
      ({ name }) => name === dev,
      (link) => ({
        ...link,
        master,
        port: {
          state: link.up && link.carrier ? 'forwarding' : 'disabled',
          hairpin: false,
          isolated: false,
          learning: true,
          flood: true,
        },
      }),
    );
    return forgetFailedNeighbours(refreshBridges(attached, namespace));
  },
  text: {
    en: ({ dev, bridge }, where) => ({
      title: `Attach ${dev} to the bridge ${bridge} in ${where}`,
      permanent: `Name ${bridge} as the master of ${dev} in the network configuration of ${where}, or in the script that makes the pair.`,
      sideEffects: [`Frames of the other ports of ${bridge} reach ${dev} too.`],
    }),
    'zh-cn': ({ dev, bridge }, where) => ({
      title: `在 ${where} 中把 ${dev} 接到网桥 ${bridge}`,
      permanent: `在 ${where} 的网络配置或创建这对接口的脚本中，把 ${dev} 的 master 设为 ${bridge}。`,
      sideEffects: [`${bridge} 其他端口的帧也会到达 ${dev}。`],
    }),
  },
};
