import type { NamespaceId } from '../../model/ids.ts';
import type { PortVlan } from '../../model/link.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Puts a port of a VLAN-aware bridge (or the bridge itself) into a VLAN. */
export interface SetPortVlan {
  readonly kind: 'set-port-vlan';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly id: number;
  /** Frames without a tag belong to it, and it leaves without one. */
  readonly untagged: boolean;
}

const write = (dev: string, self: boolean, word: 'add' | 'del', { id, pvid, untagged }: PortVlan) => [
  ...['bridge', 'vlan', word, 'vid', String(id), 'dev', dev],
  ...(word === 'add' && pvid ? ['pvid'] : []),
  ...(word === 'add' && untagged ? ['untagged'] : []),
  ...(self ? ['self'] : []),
];

export const setPortVlan: ActionKind<SetPortVlan> = {
  steps({ namespace, dev, id, untagged }, snapshot) {
    const self = linkNamed(snapshot, namespace, dev)?.kind.type === 'bridge';
    return [exec(snapshot, namespace, write(dev, self, 'add', { id, pvid: untagged, untagged }))];
  },
  undo({ namespace, dev, id }, snapshot) {
    const link = linkNamed(snapshot, namespace, dev);
    const self = link?.kind.type === 'bridge';
    const old = link?.vlans?.find((vlan) => vlan.id === id);
    const pvid = link?.vlans?.find((vlan) => vlan.pvid);
    return [
      old ? write(dev, self, 'add', old) : write(dev, self, 'del', { id, pvid: false, untagged: false }),
      ...(pvid && pvid.id !== id ? [write(dev, self, 'add', pvid)] : []),
    ].map((argv) => exec(snapshot, namespace, argv));
  },
  change: ({ namespace, dev, id, untagged }, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === dev,
        (link) => ({
          ...link,
          vlans: [
            ...(link.vlans ?? [])
              .filter((vlan) => vlan.id !== id)
              .map((vlan) => (untagged ? { ...vlan, pvid: false } : vlan)),
            { id, pvid: untagged, untagged },
          ],
        }),
      ),
    ),
  text: {
    en: ({ dev, id, untagged }, where) => ({
      title: `Put ${dev} in ${where} into VLAN ${id}${untagged ? ', without a tag' : ''}`,
      permanent: `Correct the VLANs of ${dev} in the network configuration of ${where}.`,
      sideEffects: [],
      opens: [`Everybody in VLAN ${id} of that bridge and ${dev} reach each other then.`],
    }),
    'zh-cn': ({ dev, id, untagged }, where) => ({
      title: `把 ${where} 的 ${dev} 加入 VLAN ${id}${untagged ? '（不带标签）' : ''}`,
      permanent: `在 ${where} 的网络配置中改正 ${dev} 的 VLAN。`,
      sideEffects: [],
      opens: [`此后该网桥 VLAN ${id} 中的所有成员与 ${dev} 互相可达。`],
    }),
  },
};
