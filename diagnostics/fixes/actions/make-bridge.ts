import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import type { Link } from '../../model/link.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { inheritSettings } from '../attach-container.ts';
import { bringUp } from '../carrier.ts';
import { changeFdb, forgetFailedNeighbours, linksOf } from '../patch.ts';
import { readdress } from '../readdress.ts';
import { newAddress } from './add-address.ts';

/** Makes a bridge that an engine had made before, and switches it on. */
export interface MakeBridge {
  readonly kind: 'make-bridge';
  readonly namespace: NamespaceId;
  readonly bridge: string;
  /** Its hardware address: the one that its neighbours remember. */
  readonly mac: string;
  readonly addresses: readonly { readonly address: string; readonly length: number }[];
}

export const makeBridge: ActionKind<MakeBridge> = {
  steps: ({ namespace, bridge, mac, addresses }, snapshot) =>
    [
      ['ip', 'link', 'add', 'name', bridge, 'address', mac, 'type', 'bridge'],
      ...addresses.map(({ address, length }) => [
        'ip',
        'address',
        'add',
        `${address}/${length}`,
        'dev',
        bridge,
      ]),
      ['ip', 'link', 'set', 'dev', bridge, 'up'],
    ].map((argv) => exec(snapshot, namespace, argv)),
  undo: ({ namespace, bridge }, snapshot) => [
    exec(snapshot, namespace, ['ip', 'link', 'delete', 'dev', bridge]),
  ],
  change({ namespace, bridge, mac, addresses }, snapshot) {
    const index = Math.max(...linksOf(snapshot, namespace).map((link) => link.index)) + 1;
    const link: Link = {
      index,
      name: bridge,
      kind: { type: 'bridge', vlanFiltering: false, stp: false },
      mac,
      mtu: 1500,
      up: false,
      carrier: false,
      flags: ['BROADCAST', 'MULTICAST'],
      addresses: [],
    };
    const added = withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      links: facts.links.state === 'known' ? known([...facts.links.value, link]) : facts.links,
    }));
    const addressed = readdress(inheritSettings(added, namespace, bridge), namespace, bridge, () =>
      addresses.map(({ address, length }) => newAddress(address, length)),
    );
    // Its own hardware address a bridge always knows (br_fdb_change_mac_address()).
    const remembered = changeFdb(addressed, namespace, (fdb) => [
      ...fdb,
      { mac, dev: bridge, master: bridge, state: 'permanent' },
    ]);
    return forgetFailedNeighbours(bringUp(remembered, { namespace, index }));
  },
  text: {
    en: ({ bridge, addresses }, where) => ({
      title: `Make the bridge ${bridge} in ${where} again, with ${addresses.map(({ address }) => address).join(' and ')}`,
      permanent:
        'The container engine makes its bridges when it starts, so a restart of the engine (“systemctl restart docker”) and of the containers does the same: find what deleted it (a script, a network manager).',
      sideEffects: [],
    }),
    'zh-cn': ({ bridge, addresses }, where) => ({
      title: `在 ${where} 中重新创建网桥 ${bridge}，地址为 ${addresses.map(({ address }) => address).join(' 和 ')}`,
      permanent:
        '容器引擎在启动时创建自己的网桥，所以重启引擎（“systemctl restart docker”）和容器也能恢复：请找出是什么删掉了它（某个脚本、网络管理程序）。',
      sideEffects: [],
    }),
  },
};
