import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { FdbEntry } from '../../model/route.ts';
import { exec, type ActionKind } from '../action.ts';
import { bridgeFollows } from '../bridge-follows.ts';
import { refreshBridges } from '../carrier.ts';
import { changeFdb, changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Attaches an interface to a bridge. */
export interface SetMaster {
  readonly kind: 'set-master';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly bridge: string;
}

export const setMaster: ActionKind<SetMaster> = {
  steps: ({ namespace, dev, bridge }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'link', 'set', 'dev', dev, 'master', bridge]),
  ],
  undo: ({ namespace, dev }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'link', 'set', 'dev', dev, 'nomaster']),
  ],
  change({ namespace, dev, bridge }, snapshot) {
    const master = linkNamed(snapshot, namespace, bridge);
    const port = linkNamed(snapshot, namespace, dev);
    if (!master || !port) return snapshot;
    const attached = changeLink(
      snapshot,
      namespace,
      ({ name }) => name === dev,
      (link) => ({
        ...link,
        master: master.index,
        promiscuous: true,
        port: {
          state: master.up && link.up && link.carrier ? 'forwarding' : 'disabled',
          hairpin: false,
          isolated: false,
          learning: true,
          flood: true,
        },
        ...(master.kind.type === 'bridge' && master.kind.vlanFiltering
          ? { vlans: [{ id: 1, pvid: true, untagged: true }] }
          : {}),
      }),
    );
    const known = changeFdb(attached, namespace, (fdb) => [...fdb, ...ownEntries(fdb, port, bridge)]);
    return forgetFailedNeighbours(
      refreshBridges(bridgeFollows(known, snapshot, namespace, master.index), namespace),
    );
  },
  text: {
    en: ({ dev, bridge }, where) => ({
      title: `Attach ${dev} to the bridge ${bridge} in ${where}`,
      permanent: `Name ${bridge} as the master of ${dev} in the network configuration of ${where}, or in the script that makes the pair.`,
      sideEffects: [],
      opens: [`Frames of the other ports of ${bridge} reach ${dev} too.`],
    }),
    'zh-cn': ({ dev, bridge }, where) => ({
      title: `在 ${where} 中把 ${dev} 接到网桥 ${bridge}`,
      permanent: `在 ${where} 的网络配置或创建这对接口的脚本中，把 ${dev} 的 master 设为 ${bridge}。`,
      sideEffects: [],
      opens: [`${bridge} 其他端口的帧也会到达 ${dev}。`],
    }),
  },
};

/** Of its ports' own hardware addresses a bridge always knows (br_fdb_add_local()), in their VLAN too where it can tell VLANs. */
function ownEntries(fdb: readonly FdbEntry[], { name, mac }: Link, bridge: string): readonly FdbEntry[] {
  if (mac === null) return [];
  const entry: FdbEntry = { mac, dev: name, master: bridge, state: 'permanent' };
  const tells = fdb.some(({ master, vlan }) => master === bridge && vlan !== undefined);
  return tells ? [{ ...entry, vlan: 1 }, entry] : [entry];
}
